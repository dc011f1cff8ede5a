"""Fixtures of the main venue's tests: those of the venues."""

from tests.sub_venue.conftest import at_check_in, case, exchange, installed, opens, world

__all__ = ["at_check_in", "case", "exchange", "installed", "opens", "world"]
