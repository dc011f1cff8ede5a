"""The uplink: what a venue kept goes up the line until it is answered, the sessions' entries come down."""
