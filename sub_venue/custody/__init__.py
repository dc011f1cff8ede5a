"""A custodian's key service, and a venue's key for one opening (SPEC 28; DESIGN 6)."""
