"""Pictures and sound at a venue: its media workers are told who may, and its pages reach them (SPEC 30)."""
