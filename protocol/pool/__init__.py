"""The expert pool (专家库) before a draw: who is in it, whom the filter leaves out, and its frozen roll."""
