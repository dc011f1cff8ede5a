"""The seats: pages, their sockets, and what a person at one may do and be shown."""
