"""Rules version 3, group `turns`: every lawful turn that an evaluation can take (SPEC 17)."""
