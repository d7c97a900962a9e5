"""One writer: a command goes in, events go to the journal, the answer comes out."""
