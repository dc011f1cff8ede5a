"""Rules version 4, group `escrow`: the openings of sealed sheets, held by custodians (SPEC 28; DESIGN 7)."""
