"""Each adapter joins the engine to one outside thing."""
