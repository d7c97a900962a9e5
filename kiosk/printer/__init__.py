"""The receipt printer: transports, its status, and tickets that are printed once, with an outcome that can be believed."""
