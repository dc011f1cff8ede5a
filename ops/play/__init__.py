"""Playing a session's recordings back beside its record (SPEC 31.4)."""
