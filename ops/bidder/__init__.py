"""A bidder's way to the coordinator: handing in, receipts, and the local node with its page (SPEC 23)."""
