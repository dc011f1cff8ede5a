"""Opened bids become files at a venue: honest ones under their names, strange ones in quarantine."""
