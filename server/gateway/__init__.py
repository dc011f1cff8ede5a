"""The gateway: sockets and routes, and who is speaking."""
