"""The journal on SQLite: events, answers, tickets, snapshots."""
