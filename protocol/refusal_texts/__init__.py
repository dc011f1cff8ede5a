"""The texts of refusals, by group; `protocol.refusals` puts them into one table."""
