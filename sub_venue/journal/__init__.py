"""What a venue's node keeps on its own disk: its journal of acts, its copy of the sessions' entries."""
