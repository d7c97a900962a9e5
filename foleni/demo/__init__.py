"""A whole branch on one machine, to try and to show. Every program is real; only printer and call units are simulated."""
