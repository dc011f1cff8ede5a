"""The ledger (存证账本): the Merkle tree over the entries of a session, and what is proved with it."""
