"""The report at the main venue: prepared, signed by everybody from their own seats, kept (SPEC 29.7)."""
