"""The group's rules, by the form of the act's content."""

from protocol.session.asked import Deciding

RULED: dict[type, Deciding] = {}
