"""The messages of the contract, one small topic a file."""
