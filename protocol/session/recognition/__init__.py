"""Rules version 4, group `recognition`: venues accept each other's witness records (SPEC 13.4)."""
