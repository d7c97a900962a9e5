"""Those who carry messages, each behind a small adapter."""
