"""How those who wait hear that something happened, also where another process of the cloud did it."""
