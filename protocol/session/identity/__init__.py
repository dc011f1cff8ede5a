"""Rules version 4, group `identity`: keys delegated by certificate, passkey or desk (SPEC 19)."""
