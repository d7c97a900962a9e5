"""The MQTT 5 link of every part: a connection that comes back, questions with answers, and an outbox that lasts."""
