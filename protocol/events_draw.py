"""What happened under rules version 3, group `committee` (SPEC 15); listed in `events.Event`."""
