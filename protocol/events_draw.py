"""What happened under rules version 3, group `draw` (SPEC 15); listed in `events.Event`."""
