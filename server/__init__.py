"""The coordinator: one writer per session, a durable log, and the fan-out of what each role may see."""
