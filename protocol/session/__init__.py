"""The session: its phase table, its rules, its state."""
