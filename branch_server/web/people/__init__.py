"""Who is at a console: people, their sign-in, their rights."""
