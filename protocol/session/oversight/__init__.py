"""Rules version 4, group `oversight`: supervisors intervene, the session answers (SPEC 34)."""
