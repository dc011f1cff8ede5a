"""Keys, signatures, seals: the one room besides the ledger that may use cryptography."""
