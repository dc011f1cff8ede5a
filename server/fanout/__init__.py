"""Fan-out: followers with a cursor, the rooms they are told in, the bus that hints."""
