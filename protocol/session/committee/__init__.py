"""Rules version 3, group `committee`: the draw of experts, check-in, recusal and replacement (SPEC 15)."""
