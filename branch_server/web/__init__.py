"""The web side of a branch: consoles, reports, web display, ticket pages and the HTTP API, as a program of its own."""
