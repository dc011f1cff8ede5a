"""Folding the group's events into the state."""

from collections.abc import Callable
from typing import Any

from protocol.session.state import State

FOLDS: dict[type, Callable[[State, Any], State]] = {}
