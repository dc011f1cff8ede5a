"""What happened under rules version 3, group `review` (SPEC 16); listed in `events.Event`."""
