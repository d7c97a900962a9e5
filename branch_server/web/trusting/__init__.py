"""How a browser comes to trust the branch's own certificate."""
