"""Receiving sealed bids until the deadline: notices, the reserve, places, receipts (SPEC 23)."""
