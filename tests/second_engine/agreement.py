"""Both engines over many generated tenders, on as many processes as are wanted, and what came of it.

Owns the spread over processes, how a difference is told, and the summary. What a tender is belongs to
`generated`, what a result is to `outcome`.
"""

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from protocol.methods.evaluation import Inputs
from protocol.plan.plan import Plan
from tests.second_engine import smaller
from tests.second_engine.engine import evaluated
from tests.second_engine.first import Engine, product
from tests.second_engine.generated import LOT, Generated, generated
from tests.second_engine.outcome import Outcome, Refused

TENDERS_AT_ONCE = 250
"""So many are handed to a process together."""
DIFFERENCES_SHOWN_MAX = 20


class Difference(Struct, frozen=True):
    """A tender on which the engines differ: where, and the smallest plan and inputs that still show it."""

    seed: int
    where: tuple[str, ...]
    smallest: str


class Some(Struct, frozen=True):
    """What came of some tenders: how many there were of each kind, and where the engines differed."""

    kinds: dict[str, int]
    differences: tuple[Difference, ...]


class Summary(Struct, frozen=True):
    """What came of all of them."""

    first: int
    tenders: int
    kinds: dict[str, int]
    differences: tuple[Difference, ...]
    took_s: float


def agree(seeds: range, jobs: int, told: Callable[[int, Some], None] = lambda _done, _some: None) -> Summary:
    """Compare the engines; `told` hears how many are done by then, and what came of the last of them."""
    began = time.monotonic()
    kinds: Counter[str] = Counter()
    differences: list[Difference] = []
    done = 0
    parts = [seeds[at : at + TENDERS_AT_ONCE] for at in range(0, len(seeds), TENDERS_AT_ONCE)]
    for count, some in _compared(parts, jobs):
        done += count
        kinds.update(some.kinds)
        differences.extend(some.differences)
        told(done, some)
    return Summary(
        first=seeds.start,
        tenders=done,
        kinds=dict(sorted(kinds.items())),
        differences=tuple(sorted(differences, key=lambda one: one.seed)),
        took_s=round(time.monotonic() - began, 1),
    )


def as_json(summary: Summary) -> dict[str, Any]:
    """The summary as a machine reads it."""
    return {
        "from": summary.first,
        "tenders": summary.tenders,
        "differ": len(summary.differences),
        "seeds": [one.seed for one in summary.differences[:DIFFERENCES_SHOWN_MAX]],
        "where": [list(one.where) for one in summary.differences[:DIFFERENCES_SHOWN_MAX]],
        "kinds": summary.kinds,
        "took_s": summary.took_s,
    }


def where(first: Outcome | Refused, second: Outcome | Refused) -> tuple[str, ...]:
    """Where two results differ, in words; empty when they agree."""
    if isinstance(first, Refused) or isinstance(second, Refused):
        return () if first == second else (f"{_short(first)} / {_short(second)}",)
    found = [
        f"{name}: {getattr(first, name)} / {getattr(second, name)}"
        for name in Outcome._fields
        if name != "lines" and getattr(first, name) != getattr(second, name)
    ]
    for one, other in zip(first.lines, second.lines, strict=True):
        found += [
            f"{one.bidder} {name}: {getattr(one, name)} / {getattr(other, name)}"
            for name in one._fields
            if getattr(one, name) != getattr(other, name)
        ]
    return tuple(found)


def compared(plan: Plan, inputs: Inputs, engine: Engine = product) -> tuple[str, ...]:
    """Where the engines differ on a tender; one that breaks differs too."""
    return where(_of(engine, plan, inputs), _of(evaluated, plan, inputs))


def _compared(parts: list[range], jobs: int) -> Iterator[tuple[int, Some]]:
    if jobs <= 1:
        yield from map(_some, parts)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(_some, parts)


def _some(seeds: range) -> tuple[int, Some]:
    kinds: Counter[str] = Counter()
    differences = []
    for seed in seeds:
        tender = generated(seed)
        first, second = _of(product, *tender), _of(evaluated, *tender)
        kinds.update(_kinds(tender, second))
        if first != second:
            smallest = smaller.smallest(tender, lambda one: bool(compared(*one)))
            differences.append(Difference(seed, compared(*smallest), smaller.text(smallest)))
    return len(seeds), Some(dict(kinds), tuple(differences))


def _of(engine: Engine, plan: Plan, inputs: Inputs) -> Outcome | Refused:
    try:
        return engine(plan, LOT, inputs)
    except Exception as error:  # noqa: BLE001 - an engine that breaks is a difference like any other
        return Refused((f"{engine.__name__} broke", repr(error)))


def _kinds(tender: Generated, result: Outcome | Refused) -> Iterator[str]:
    """What a tender was, for the count of what was covered."""
    scheme = tender.plan.schemes[0]
    yield f"award {scheme.award.__struct_config__.tag}"
    if isinstance(result, Refused):
        yield from (f"refused {code}" for code in result.codes)
        return
    yield "evaluated"
    if any(line.tied for line in result.lines):
        yield "a rank is shared"
    if any(line.status == "below_pass" for line in result.lines):
        yield "a bid is below a pass mark"
    for part in ("base_price", "distances", "mismatches", "low_prices"):
        if getattr(result, part):
            yield part


def _short(result: Outcome | Refused) -> str:
    return "refused " + ", ".join(result.codes) if isinstance(result, Refused) else "evaluated"
