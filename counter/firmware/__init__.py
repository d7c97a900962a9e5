"""The reference call unit: what runs on its board under MicroPython."""
