"""Rules version 3, group `review`: the preliminary review, clarification and rejection (SPEC 16)."""
