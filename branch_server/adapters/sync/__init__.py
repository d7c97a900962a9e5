"""The branch's end of the sync: its log goes up to the cloud, what people asked from afar comes down."""
