"""The line, sans I/O: what is sent until it is answered, and what is asked for until it is held."""
