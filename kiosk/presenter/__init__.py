"""What a kiosk does when it is touched: taps, time and news in; pages and wishes out. No screen, no disk, no network."""
