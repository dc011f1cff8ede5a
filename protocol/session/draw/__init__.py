"""Rules version 3, group `draw`: the draw of experts, check-in, recusal and replacement (SPEC 15)."""
