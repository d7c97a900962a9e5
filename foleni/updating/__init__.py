"""How a box updates itself: it asks its branch server, fetches a signed bundle, lets RAUC put it into the slot that does not
run, restarts when nobody is served, and stays with the new version only where its application is healthy.
"""
