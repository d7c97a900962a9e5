"""How a box becomes a device of a branch by itself, and stays one: its key, its request, its membership."""
