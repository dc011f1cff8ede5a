"""The group's rules on hidden inputs, by the form of the act's content."""

from protocol.session.asked import Checking

CHECKS: dict[type, Checking] = {}
