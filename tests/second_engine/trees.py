"""Criteria trees out of dice: flat and deep, groups that members decide, groups with a formula among them."""

import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from msgspec.structs import replace

from protocol.plan.formulas import Aggregate, Trim
from protocol.plan.plan import Criterion
from tests.second_engine import formulas

STEPS_CENTI = (1, 10, 25, 50, 100)
ONE_AND_ONE = Trim(high=1, low=1)


class Tree(NamedTuple):
    """The top criteria and the full marks that they add up to."""

    criteria: tuple[Criterion, ...]
    max_centi: int


def everything(criteria: tuple[Criterion, ...]) -> Iterator[Criterion]:
    """All criteria of a tree."""
    for one in criteria:
        yield one
        yield from everything(one.children)


def has_scored(one: Criterion) -> bool:
    """Whether a member gives points somewhere below."""
    return one.kind in ("subjective", "objective") or any(has_scored(child) for child in one.children)


def criteria(dice: random.Random, *, alone: bool) -> Tree:
    """A tree; `alone` when points alone are ranked, so that prices stand among the criteria."""
    shape = dice.randrange(10)
    kinds: list[str]
    if not alone:
        kinds = [["group"], ["scored"], ["group", "scored"], ["scored", "scored"], ["group", "quantity"]][
            shape % 5
        ]
    elif shape < 6:
        kinds = [["price", "group"], ["price", "scored"], ["price", "scored", "group"]][shape % 3]
    else:
        kinds = [["price"], ["mixed"], ["group", "group"], ["price", "mixed", "quantity"]][shape - 6]
    if dice.randrange(2):
        return _added(dice, kinds)
    return _weighted(dice, kinds)


def _added(dice: random.Random, kinds: list[str]) -> Tree:
    """Tops without weights: full marks are 100 in all."""
    shares = _shares(dice, 100, len(kinds))
    tops = tuple(
        _node(dice, f"{chr(65 + place)}", kind, share * 100, depth=1)
        for place, (kind, share) in enumerate(zip(kinds, shares, strict=True))
    )
    return Tree(tops, 10_000)


def _weighted(dice: random.Random, kinds: list[str]) -> Tree:
    """Each top of 100 points with a weight, as 87号令 55 has it; some are brought to the best = 100."""
    weights = [_hundredth(share) for share in _shares(dice, 100, len(kinds))]
    if len(kinds) == 2 and dice.randrange(8) == 0:
        weights = ["0.333333333", "0.666666667"]
    tops = []
    for place, (kind, weight) in enumerate(zip(kinds, weights, strict=True)):
        normal = 10_000 if kind != "price" and dice.randrange(5) == 0 else 0
        full = dice.choice((5_000, 10_000, 20_000)) if normal else 10_000
        tops.append(_node(dice, f"{chr(65 + place)}", kind, full, depth=1, weight=weight, normal=normal))
    return Tree(tuple(tops), 10_000)


def _node(
    dice: random.Random, name: str, kind: str, full: int, *, depth: int, weight: str = "1", normal: int = 0
) -> Criterion:
    known: dict[str, Any] = {
        "id": name,
        "zh": name,
        "max_centi": full,
        "weight": weight,
        "normalise_centi": normal,
    }
    if dice.randrange(8 * depth) == 0:
        known["pass_centi"] = min(full, normal or full) * dice.choice((40, 50, 60)) // 100
    if kind == "price":
        return Criterion(kind="price", formula=formulas.price(dice, full), **known)
    if kind == "quantity":
        return Criterion(kind="quantity", quantity="days", formula=formulas.quantity(dice, full), **known)
    if kind == "scored":
        steps = [step for step in STEPS_CENTI if full % step == 0]
        return Criterion(
            kind="objective" if dice.randrange(4) == 0 else "subjective",
            step_centi=dice.choice(steps), aggregate=_aggregate(dice), **known,
        )  # fmt: skip
    inner = ["scored"] * dice.randrange(1, 4)
    if kind == "mixed":
        inner.append(dice.choice(("price", "quantity")))
    if depth < 2 and dice.randrange(4) == 0:
        inner.append("group")
    if dice.randrange(4) == 0 and full % len(inner) == 0 and len(inner) in (1, 2):
        share = {1: "1", 2: "0.5"}[len(inner)]
        children = [(full, share) for _ in inner]
    else:
        children = [(part, "1") for part in _shares(dice, full, len(inner))]
    nodes = tuple(
        _node(dice, f"{name}{place}", one, part, depth=depth + 1, weight=share)
        for place, (one, (part, share)) in enumerate(zip(inner, children, strict=True))
    )
    return Criterion(kind="group", children=nodes, aggregate=_aggregate(dice), **known)


def _aggregate(dice: random.Random) -> Aggregate | None:
    """Now and then another way than the scheme's."""
    if dice.randrange(10):
        return None
    return Aggregate(of=dice.choice(("totals", "items")), trim=dice.choice((None, ONE_AND_ONE)))


def fitting(criterion: Criterion, above: Aggregate, *, under_totals: bool = False) -> Criterion:
    """The criterion without the aggregates below members' totals, where they could mean nothing."""
    own = None if under_totals else criterion.aggregate
    how = own or above
    # A group with a formula has no totals; where it asks for them, those of the groups below are meant.
    inside = under_totals or (how.of == "totals" and (own is not None or of_members(criterion)))
    children = tuple(fitting(child, how, under_totals=inside) for child in criterion.children)
    return replace(criterion, aggregate=own, children=children)


def of_members(criterion: Criterion) -> bool:
    """Whether members give points for every leaf below."""
    if criterion.children:
        return all(of_members(child) for child in criterion.children)
    return criterion.kind in ("subjective", "objective")


def _shares(dice: random.Random, whole: int, count: int) -> list[int]:
    """So many whole shares, none below 1; round ones more often."""
    if count == 1:
        return [whole]
    unit = dice.choice((5, 10)) if whole >= 20 * count else 1
    if whole % 100 == 0 and whole >= 1_000:
        unit = 100
    cuts = sorted(dice.sample(range(1, whole // unit), count - 1))
    edges = [0, *(cut * unit for cut in cuts), whole]
    return [after - before for before, after in pairwise(edges)]


def _hundredth(share: int) -> str:
    """0.3 for 30 of 100."""
    return "1" if share == 100 else f"0.{share:02d}".rstrip("0")
