"""Conditions under which the group's moves go on, by the names that its rows use."""

from protocol.session.asked import Guard

GUARDS: dict[str, Guard] = {}
