"""Messages to customers: an outbox in the caller's transaction, a sender on a thread of its own, and what comes back."""
