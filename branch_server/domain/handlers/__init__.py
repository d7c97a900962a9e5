"""One handler a command: it looks at the state and answers with events, or refuses. It changes nothing itself."""
