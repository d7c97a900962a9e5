"""The LAN: commands in, replies and state out, and the broker that carries them."""
