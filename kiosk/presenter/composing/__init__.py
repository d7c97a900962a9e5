"""From what the presenter knows to finished pages, one file for each kind. Words are translated here and nowhere else."""
