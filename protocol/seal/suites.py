"""The suites by their names: `get("intl-1")`, `get("gm-1")`.

A project names one suite and nothing negotiates: whoever reads a name that is none of these
refuses. Source: DESIGN 6, SPEC 18.
"""

from typing import Final

from protocol.seal.gm import Gm
from protocol.seal.intl import Intl
from protocol.seal.refused import SealRefused
from protocol.seal.suite import Suite

_SUITES: Final[tuple[Suite, ...]] = (Intl(), Gm())

NAMES: Final = tuple(suite.name for suite in _SUITES)


def get(name: str) -> Suite:
    """The suite of a name.

    Raises:
      SealRefused: `SuiteUnknown` for any other name.

    >>> get("gm-1").hash(b"abc").hex()[:16]
    '66c7f0f462eeedd9'
    """
    for suite in _SUITES:
        if suite.name == name:
            return suite
    raise SealRefused("SuiteUnknown", suite=name)


def numbered(number: int) -> Suite:
    """The suite of a number, as a container and a box bear it.

    Raises:
      SealRefused: `SuiteUnknown` for any other number.
    """
    for suite in _SUITES:
        if suite.number == number:
            return suite
    raise SealRefused("SuiteUnknown", suite=number)
