"""What happened under rules version 3, group `turns` (SPEC 17); listed in `events.Event`."""
