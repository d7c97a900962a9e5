"""The queue in words made code: pure rules, no I/O, no clock, no database, no MQTT."""
