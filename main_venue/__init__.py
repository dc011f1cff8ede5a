"""A venue that also hosts: the agent's and the tenderee's desks."""
