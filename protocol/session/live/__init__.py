"""Rules version 4, group `live`: recordings, clocks and what goes on beside the record (SPEC 31)."""
