"""The kiosk: touch screens, the ticket, the printer, the offline issuer."""
