"""Sessions: one actor and one mailbox each, woken on demand."""
