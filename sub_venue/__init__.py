"""A node at a place: seats, their journal and their keys, useful when the line is cut."""
