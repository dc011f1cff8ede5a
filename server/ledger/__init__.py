"""The log (存证日志): each session's entries as a tree, its signed heads, and those who cosign them."""
