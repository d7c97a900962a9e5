"""Webhooks: public events, signed, to addresses that an administrator gave; at least once, over restarts."""
