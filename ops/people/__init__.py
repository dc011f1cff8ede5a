"""The people of an evaluation, played through the venue nodes' real sockets."""
