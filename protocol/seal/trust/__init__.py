"""Whose certificates count: the trust list of the provinces, and judging a certificate by it (SPEC 24)."""
