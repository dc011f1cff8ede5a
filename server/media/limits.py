"""How many sources and connections an engine takes, whichever it is."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from server.media.engine import Full
from server.media.settings import Bounds

_Source = TypeVar("_Source")


def source(known: dict[str, _Source], name: str, make: Callable[[str], _Source], bounds: Bounds) -> _Source:
    """The source of a name, made where it is not known yet.

    Raises:
      Full: as many are known as may be.
    """
    if name not in known:
        if len(known) >= bounds.sources_max:
            raise Full(f"{bounds.sources_max} sources")
        known[name] = make(name)
    return known[name]


def room(of_this_kind: Iterable[bool], bounds: Bounds) -> None:
    """See that one more connection may come; `of_this_kind` tells of each that is there whether it counts.

    Raises:
      Full: as many are there as may be.
    """
    if sum(of_this_kind) >= bounds.connections_max:
        raise Full(f"{bounds.connections_max} connections")
