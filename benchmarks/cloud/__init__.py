"""Measurements of the cloud: status, joins, events, branches that wait, on PostgreSQL."""
