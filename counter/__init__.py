"""The counter agent: presses on serial units and MQTT buttons become counter commands; the units show what came of it."""
