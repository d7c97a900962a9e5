"""What all pages share: layout, look, words, and the script that talks to the branch."""
