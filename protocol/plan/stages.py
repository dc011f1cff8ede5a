"""Stages and scored items (评审阶段与评分项): which lot's which envelope asks the members for which points.

Owns: the order of stages, the flat list of scored leaves of one stage, and the check of one member's sheet
against it. Must not know: who sits where, or how points are summed.

Source: 12号令 17, 28 (only published criteria are applied), 87号令 64 (an item over its range).
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from msgspec import Struct

from protocol.plan.findings import Finding, finding
from protocol.plan.locate import step
from protocol.plan.numbers import number, points
from protocol.plan.plan import Criterion, Lot, Plan, Scheme
from protocol.plan.shape import suggest

SCORED_KINDS = ("subjective", "objective")


class Leaf(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One item that every member scores. `path` are the ids of the groups above it, outermost first."""

    id: str
    zh: str
    en: str
    rule_zh: str
    rule_en: str
    path: tuple[str, ...]
    path_zh: tuple[str, ...]
    path_en: tuple[str, ...]
    kind: str
    max_centi: int
    step_centi: int
    blind: bool


class Node(Struct, frozen=True):
    """A criterion at its place: the envelope and blindness it inherits, and the groups above it."""

    criterion: Criterion
    above: tuple[Criterion, ...]
    envelope: str
    blind: bool
    pointer: str


def lot_of(plan: Plan, lot: str) -> Lot:
    """Return a lot by its id.

    Raises:
        KeyError: the plan has no such lot.
    """
    for candidate in plan.lots:
        if candidate.id == lot:
            return candidate
    raise KeyError(lot)


def scheme_of(plan: Plan, lot: str) -> Scheme:
    """Return the scheme under which a lot is evaluated.

    Raises:
        KeyError: the plan has no such lot, or the lot names no scheme of the plan.
    """
    wanted = lot_of(plan, lot).scheme
    for scheme in plan.schemes:
        if scheme.id == wanted:
            return scheme
    raise KeyError(wanted)


def stages(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return all stages as (lot, envelope): lots as the plan lists them, envelopes in their order."""
    return tuple(
        (lot.id, envelope.id)
        for lot in plan.lots
        for envelope in sorted(scheme_of(plan, lot.id).envelopes, key=lambda envelope: envelope.order)
    )


def nodes(scheme: Scheme, pointer: str = "") -> Iterator[Node]:
    """Walk the criteria tree, each group before its children; `pointer` is the scheme's own."""
    first = min(scheme.envelopes, key=lambda envelope: envelope.order).id if scheme.envelopes else ""
    top = f"{pointer}/criteria"
    for position, criterion in enumerate(scheme.criteria):
        yield from _walk(criterion, (), first, blind=False, pointer=step(top, position))


def _walk(
    criterion: Criterion, above: tuple[Criterion, ...], envelope: str, *, blind: bool, pointer: str
) -> Iterator[Node]:
    here = criterion.envelope or envelope
    hidden = blind or criterion.blind
    yield Node(criterion=criterion, above=above, envelope=here, blind=hidden, pointer=pointer)
    for position, child in enumerate(criterion.children):
        inner = step(f"{pointer}/children", position)
        yield from _walk(child, (*above, criterion), here, blind=hidden, pointer=inner)


def scored_nodes(scheme: Scheme) -> tuple[Node, ...]:
    """Return the leaves that members score, of all envelopes, in the tree's order."""
    return tuple(node for node in nodes(scheme) if node.criterion.kind in SCORED_KINDS)


def leaves(plan: Plan, lot: str, envelope: str) -> tuple[Leaf, ...]:
    """Return the items that every member scores in one stage, in the tree's order.

    Empty for an envelope without scored items, one that holds only the price for instance.

    Raises:
        KeyError: the plan has no such lot.
    """
    return tuple(_leaf(node) for node in scored_nodes(scheme_of(plan, lot)) if node.envelope == envelope)


def _leaf(node: Node) -> Leaf:
    criterion = node.criterion
    return Leaf(
        id=criterion.id,
        zh=criterion.zh,
        en=criterion.en,
        rule_zh=criterion.rule_zh,
        rule_en=criterion.rule_en,
        path=tuple(group.id for group in node.above),
        path_zh=tuple(group.zh for group in node.above),
        path_en=tuple(group.en for group in node.above),
        kind=criterion.kind,
        max_centi=criterion.max_centi,
        step_centi=criterion.step_centi,
        blind=node.blind,
    )


def full_marks(criterion: Criterion) -> Fraction:
    """Return what a criterion adds to its group at most, in points: (normalised or own) full marks × weight.

    >>> full_marks(Criterion(id="C", zh="价格", kind="price", max_centi=10000, weight="0.3"))
    Fraction(30, 1)
    """
    return points(criterion.normalise_centi or criterion.max_centi) * number(criterion.weight)


def all_scored(criterion: Criterion) -> bool:
    """Tell whether members score everything below a criterion, no formula among it."""
    if criterion.children:
        return all(all_scored(child) for child in criterion.children)
    return criterion.kind in SCORED_KINDS


def points_text(points_centi: int) -> str:
    """Write hundredths of a point without needless zeros.

    >>> points_text(3450), points_text(400), points_text(7), points_text(-1571)
    ('34.5', '4', '0.07', '-15.71')
    """
    sign = "-" if points_centi < 0 else ""
    whole, rest = divmod(abs(points_centi), 100)
    return f"{sign}{whole}.{rest:02d}".rstrip("0").rstrip(".")


def check_sheet(
    plan: Plan,
    lot: str,
    envelope: str,
    bidders: Sequence[str],
    scores: Mapping[str, Mapping[str, int]],
    *,
    seat: str = "",
) -> tuple[Finding, ...]:
    """Check one member's sheet of one stage: complete, nothing beside it, in range and on step.

    Args:
        plan: the evaluation plan.
        lot: the stage's lot.
        envelope: the stage's envelope.
        bidders: ids of the bidders to be scored.
        scores: bidder → criterion → points_centi.
        seat: the member's seat, for the texts.

    Returns:
        Findings with pointers into `scores` (`/b1/A1`), none when the sheet is in order.

    Raises:
        KeyError: the plan has no such lot.
    """
    return check_scores(leaves(plan, lot, envelope), bidders, scores, seat=seat)


def check_scores(
    wanted: Sequence[Leaf],
    bidders: Sequence[str],
    scores: Mapping[str, Mapping[str, int]],
    *,
    seat: str = "",
    pointer: str = "",
    excused: frozenset[tuple[str, str]] = frozenset(),
    also: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """Check a sheet against a list of items; `check_sheet` says the rest.

    Args:
        wanted: the items that must be scored.
        bidders: ids of the bidders that must be scored.
        scores: bidder → criterion → points_centi.
        seat: the member's seat, for the texts.
        pointer: where the sheet stands in its file.
        excused: (bidder, criterion) that may be missing.
        also: ids of bidders that may be scored as well, rejected ones for instance.
    """
    by_id = {leaf.id: leaf for leaf in wanted}
    found: list[Finding] = []
    for bidder, row in scores.items():
        at = step(pointer, bidder)
        if bidder not in bidders and bidder not in also:
            found.append(_unknown("投标人", "bidder", bidder, list(bidders), at))
            continue
        for criterion, points_centi in row.items():
            if criterion in by_id:
                found.extend(check_points(by_id[criterion], bidder, points_centi, step(at, criterion)))
            else:
                found.append(_unknown("评分项", "scored item", criterion, list(by_id), step(at, criterion)))
    for bidder in bidders:
        missing = [
            leaf.id
            for leaf in wanted
            if leaf.id not in scores.get(bidder, {}) and (bidder, leaf.id) not in excused
        ]
        if missing:
            where = step(pointer, bidder) if bidder in scores else pointer
            names = "、".join(missing)
            found.append(finding("MissingScore", where, seat=seat, bidder=bidder, criteria=names))
    return tuple(found)


def check_points(leaf: Leaf, bidder: str, points_centi: int, pointer: str) -> Iterator[Finding]:
    """Check one score against its item: within 0 to full marks, and on step."""
    if type(points_centi) is not int or not 0 <= points_centi <= leaf.max_centi:
        given, most = points_text(points_centi), points_text(leaf.max_centi)
        yield finding("ScoreRange", pointer, name=leaf.zh, bidder=bidder, points=given, max=most)
    elif points_centi % leaf.step_centi:
        given, wide = points_text(points_centi), points_text(leaf.step_centi)
        yield finding("ScoreStep", pointer, name=leaf.zh, bidder=bidder, points=given, step=wide)


def _unknown(what_zh: str, what_en: str, given: str, known: list[str], pointer: str) -> Finding:
    return finding("UnknownId", pointer, what_zh=what_zh, what_en=what_en, id=given, **suggest(given, known))
