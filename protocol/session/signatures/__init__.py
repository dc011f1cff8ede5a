"""Rules version 4, group `signatures`: the report's signatures by certificate (SPEC 29)."""
