"""Queues for phones that can only dial: a menu of short screens, and the gateways of telephone companies that carry it."""
