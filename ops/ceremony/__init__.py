"""An opening ceremony on one machine: a rehearsal with dummy bids, its crashes, and its speed (SPEC 28)."""
