"""What the second engine gives, in a form in which either engine's result can be put and compared.

Owns the form alone: plain tuples of text, so that two results are equal exactly if every figure is written
alike. Where neither the law nor the schema says which of several equal members is meant (whose total is the
highest when two are), the figure stands here and not the seat.
"""

from typing import NamedTuple


class Part(NamedTuple):
    """A top criterion: its points, those after the weight, totals left out, items that stand alone."""

    criterion: str
    points: str
    weighted: str
    dropped: tuple[str, ...]
    items: tuple[tuple[str, str], ...]


class Line(NamedTuple):
    """One bidder: as `Row` of the product."""

    bidder: str
    status: str
    rank: int
    tied: bool
    candidate: bool
    total: str
    price: str
    evaluated_price: str
    parts: tuple[Part, ...]


class Distance(NamedTuple):
    """How far a member's points lie from the mean."""

    criterion: str
    seat: str
    bidder: str
    points: str
    mean: str
    percent: str
    over: bool


class Outcome(NamedTuple):
    """A lot's whole result; lines by bidder, since equal ranks have no order."""

    lines: tuple[Line, ...]
    mean_price: str
    base_price: str
    draws: tuple[tuple[str, str], ...]
    distances: tuple[Distance, ...]
    mismatches: tuple[tuple[str, str, tuple[tuple[str, int], ...]], ...]
    blocked: bool
    low_prices: tuple[tuple[str, str, str], ...]


class Refused(NamedTuple):
    """No result: the codes of what is wrong."""

    codes: tuple[str, ...]
