"""What every part of Foleni shares: messages, topics, ids, the MQTT link, settings and process life."""

__version__ = "0.1.0"
