"""Which of the group's acts is decided where: the form of its content, and its rule."""

from protocol.session.asked import Deciding

RULED: dict[type, Deciding] = {}
