"""What the web side keeps for itself: sign-in, sessions, tokens, audit, webhooks, shifts. A database of its own, `web.db`."""
