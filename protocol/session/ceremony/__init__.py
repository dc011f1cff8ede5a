"""Rules version 4, group `ceremony`: the opening of sealed bids (SPEC 28; DESIGN 6)."""
