"""Places that are really apart: each with a network of its own, and lines between them that lose, delay, break."""
