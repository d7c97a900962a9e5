"""Buttons that speak MQTT in the forms of their makers."""
