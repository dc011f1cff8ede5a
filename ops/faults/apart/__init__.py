"""Places that are really apart: a network for each, and lines between them that lose, delay and break."""
