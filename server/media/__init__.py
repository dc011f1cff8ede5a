"""Pictures and sound on their way: forwarded as they were encoded, in a process of its own (SPEC 30)."""
