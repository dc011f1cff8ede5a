"""Do the bids, members, sheets and draws of a case fit its plan? (投标、成员、评分表与抽取的校验).

Owns: the checks of everything in a case beside its plan. Must not know: JSON, or what a formula gives.
The plan's ids are known to fit together when this is asked.

Sources: 招标投标法 28, 37; 12号令 9-11, 27; 财政部令第87号 47, 64.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import UNSET

from protocol import limits
from protocol.plan.findings import Finding, finding, warning
from protocol.plan.formulas import TechnicalThenPrice
from protocol.plan.locate import step
from protocol.plan.needs import check_order, check_share, draws_needed, price_needed, quantities_needed
from protocol.plan.numbers import number
from protocol.plan.shape import suggest
from protocol.plan.stages import Leaf, check_points, check_scores, leaves, nodes, scheme_of, scored_nodes

if TYPE_CHECKING:
    from protocol.plan.case import Case


def check_proceedings(case: Case, *, complete: bool = True) -> Iterator[Finding]:
    """Yield every fault of a case beside its plan.

    Args:
        case: the case, right in form, its plan's ids fitting together.
        complete: whether every sheet and draw must be there, as for a ranking; a session that is still to
            be held has none.
    """
    yield from _people(case)
    yield from _officers(case)
    yield from _bidders(case)
    for lot in case.plan.lots:
        yield from _bids(case, lot.id)
        yield from _draws(case, lot.id, complete=complete)
        yield from _sheets(case, lot.id, complete=complete)
    yield from _strangers(case)
    yield from _unknown_scores(case)
    yield from _turns(case)
    yield from _timetable(case)
    yield from _expected(case)


def valid_bidders(case: Case, lot: str) -> tuple[str, ...]:
    """Return the ids of the bidders of a lot that were not rejected, in the order of the bids."""
    rejected = {rejection.bidder for rejection in case.rejections if rejection.lot == lot}
    return tuple(bid.bidder for bid in case.bids if bid.lot == lot and bid.bidder not in rejected)


def seats(case: Case) -> tuple[str, ...]:
    """Return the seats that evaluate: all members but the reserves."""
    return tuple(member.seat for member in case.members if not member.reserve)


# --- people -------------------------------------------------------------------------------------------------


OFFICERS: Final = ("agent", "tenderee")
OFFICERS_OF_A_VENUE: Final = ("witness", "supervisor", "keeper")


def _officers(case: Case) -> Iterator[Finding]:
    """Whoever is named sits somewhere; where certificates decide, nobody who sits there is left unnamed."""
    known = [*OFFICERS, *(f"{role}-{venue.id}" for venue in case.venues for role in OFFICERS_OF_A_VENUE)]
    given = {} if case.officers is UNSET else case.officers
    for seat in given:
        if seat not in known:
            yield _no("席位", "seat", seat, known, step("/officers", seat))
    unnamed = [seat for seat in known if seat not in given]
    if case.kind == "real" and case.rules == "4" and unnamed:
        yield warning(
            "OfficersUnnamed", "/officers", seats_zh="、".join(unnamed), seats_en=", ".join(unnamed)
        )


def _people(case: Case) -> Iterator[Finding]:
    places = [venue.id for venue in case.venues]
    yield from _twice(places, "会场", "venue", "/venues", "id")
    yield from _twice([member.seat for member in case.members], "席位", "seat", "/members", "seat")
    for count, most, zh, en, at in (
        (len(places), limits.VENUES_MAX, "会场", "venues", "/venues"),
        (len(case.members), limits.SEATS_MAX, "席位", "seats", "/members"),
    ):
        if count > most:
            yield finding("TooMany", at, what_zh=zh, what_en=en, count=str(count), limit=str(most))
    mains = sum(venue.role == "main" for venue in case.venues)
    if case.members and mains != 1:
        zh, en = f"应有且仅有一个主场,现有 {mains} 个", f"exactly one is the main venue, there are {mains}"
        yield finding("VenuesUnfit", "/venues", zh=zh, en=en)
    for position, member in enumerate(case.members):
        if member.venue not in places:
            yield _no("会场", "venue", member.venue, places, f"/members/{position}/venue")
    if any(scored_nodes(scheme) for scheme in case.plan.schemes):
        yield from _committee(case)


def _committee(case: Case) -> Iterator[Finding]:
    bounds = case.plan.committee
    sitting = [member for member in case.members if not member.reserve]
    size = len(sitting)
    experts = sum(member.kind == "expert" for member in sitting)
    if size < max(bounds.size_min, 1):
        zh = f"成员 {size} 人,少于规定的 {max(bounds.size_min, 1)} 人"
        en = f"{size} members, fewer than {max(bounds.size_min, 1)}"
        yield finding("CommitteeUnfit", "/members", zh=zh, en=en)
    if bounds.odd_required and size % 2 == 0:
        zh, en = f"成员 {size} 人,应为单数", f"{size} members, but the number must be odd"
        yield finding("CommitteeUnfit", "/members", zh=zh, en=en)
    if experts * bounds.experts_den < size * bounds.experts_num:
        part = f"{bounds.experts_num}/{bounds.experts_den}"
        zh = f"专家 {experts} 人,不足成员 {size} 人的 {part}"
        yield finding(
            "CommitteeUnfit", "/members", zh=zh, en=f"{experts} experts are less than {part} of {size}"
        )


# --- bidders and bids ---------------------------------------------------------------------------------------


def _bidders(case: Case) -> Iterator[Finding]:
    for field, zh, en in (
        ("id", "编号相同", "the same id"),
        ("code", "代号相同", "the same code"),
        ("name", "名称相同", "the same name"),
    ):
        values = [getattr(bidder, field) for bidder in case.bidders]
        for position, value in enumerate(values):
            if value in values[:position]:
                yield finding("DuplicateBidder", f"/bidders/{position}/{field}", id=value, zh=zh, en=en)
    known = [bidder.id for bidder in case.bidders]
    lots = [lot.id for lot in case.plan.lots]
    seen: set[tuple[str, str]] = set()
    for position, bid in enumerate(case.bids):
        at = f"/bids/{position}"
        if bid.lot not in lots:
            yield _no("标段", "lot", bid.lot, lots, f"{at}/lot")
        if bid.bidder not in known:
            yield _no("投标人", "bidder", bid.bidder, known, f"{at}/bidder")
        if (bid.lot, bid.bidder) in seen:
            zh, en = f"在标段“{bid.lot}”有两份投标", f"there are two bids for lot “{bid.lot}”"
            yield finding("DuplicateBidder", f"{at}/bidder", id=bid.bidder, zh=zh, en=en)
        seen.add((bid.lot, bid.bidder))
    for position, rejection in enumerate(case.rejections):
        if (rejection.lot, rejection.bidder) not in seen:
            at = f"/rejections/{position}/bidder"
            yield _no("投标", "bid of", rejection.bidder, sorted(bidder for _, bidder in seen), at)


def _bids(case: Case, lot: str) -> Iterator[Finding]:
    scheme = scheme_of(case.plan, lot)
    form = next(form for form in case.plan.lots if form.id == lot)
    received = [bid for bid in case.bids if bid.lot == lot]
    valid = valid_bidders(case, lot)
    wanted = case.plan.bids_min
    if len(received) < wanted:
        yield finding("TooFewBids", "/bids", lot=lot, count=str(len(received)), wanted=str(wanted))
    elif not valid:
        yield finding("NothingToRank", "/rejections", lot=lot)
    elif len(valid) < wanted:
        # 12号令 27: fewer than three left may, but need not, end the evaluation.
        yield warning(
            "TooFewBids",
            "/rejections",
            lot=lot,
            count=str(len(valid)),
            wanted=str(wanted),
        )
    if len(received) > limits.BIDS_PER_STAGE_MAX:
        most = str(limits.BIDS_PER_STAGE_MAX)
        yield finding(
            "TooMany", "/bids", what_zh="投标", what_en="bids", count=str(len(received)), limit=most
        )
    # Where a pass mark decides who goes on, a failing bid's price may never have been opened.
    gated = (
        bool(scheme.pass_centi)
        or any(node.criterion.pass_centi for node in nodes(scheme))
        or any(envelope.pass_centi for envelope in scheme.envelopes)
        or isinstance(scheme.award, TechnicalThenPrice)
    )
    for position, bid in enumerate(case.bids):
        if bid.lot != lot or bid.bidder not in valid:
            continue
        at = f"/bids/{position}"
        if not bid.price:
            if price_needed(scheme) and not gated:
                yield finding("PriceMissing", at, bidder=bid.bidder)
        elif number(bid.price) == 0:
            yield finding("PriceZero", f"{at}/price", bidder=bid.bidder)
        elif form.price_ceiling and number(bid.price) > number(form.price_ceiling):
            yield finding(
                "PriceOverCeiling",
                f"{at}/price",
                bidder=bid.bidder,
                price=bid.price,
                ceiling=form.price_ceiling,
            )
        yield from check_share(scheme, bid.bidder, bid.quantities, f"{at}/quantities")
        for name, positive in quantities_needed(scheme):
            if name not in bid.quantities:
                if not gated:
                    yield finding("QuantityMissing", at, bidder=bid.bidder, quantity=name)
            elif positive and number(bid.quantities[name]) <= 0:
                where = step(f"{at}/quantities", name)
                yield finding("QuantityZero", where, bidder=bid.bidder, quantity=name)


# --- draws and sheets ---------------------------------------------------------------------------------------


def _draws(case: Case, lot: str, *, complete: bool) -> Iterator[Finding]:
    scheme = scheme_of(case.plan, lot)
    given = case.draws.get(lot, {})
    at = step("/draws", lot)
    valid = valid_bidders(case, lot)
    needed = draws_needed(scheme)
    for name, candidates in needed.items():
        allowed = candidates or valid
        if name not in given:
            if complete:
                yield finding("DrawMissing", at if lot in case.draws else "/draws", lot=lot, draw=name)
        elif given[name] not in allowed:
            shown = "、".join(allowed)
            yield finding("DrawNotCandidate", step(at, name), draw=name, given=given[name], candidates=shown)
    decided = [rule.of for rule in scheme.ties if rule.by == "decided"]
    for name, result in given.items():
        if name in needed:
            continue
        if name not in decided:
            yield _no("抽取", "draw", name, [*needed, *decided], step(at, name))
            continue
        yield from check_order(name, result, valid, step(at, name))


def _sheets(case: Case, lot: str, *, complete: bool) -> Iterator[Finding]:
    wanted = _all_leaves(case, lot)
    sheets = case.sheets.get(lot, {})
    at = step("/sheets", lot) if lot in case.sheets else "/sheets"
    sitting = seats(case)
    valid = valid_bidders(case, lot)
    rejected = [bid.bidder for bid in case.bids if bid.lot == lot and bid.bidder not in valid]
    excused = frozenset((entry.bidder, entry.criterion) for entry in case.unknown if entry.lot == lot)
    for seat, sheet in sheets.items():
        if seat not in sitting:
            yield _no("参评席位", "evaluating seat", seat, list(sitting), step(at, seat))
            continue
        yield from check_scores(
            wanted, valid, sheet, seat=seat, pointer=step(at, seat), excused=excused, also=rejected
        )
    if wanted and complete:
        for seat in sitting:
            if seat not in sheets:
                yield finding("MissingSheet", at, seat=seat, lot=lot)


def _all_leaves(case: Case, lot: str) -> tuple[Leaf, ...]:
    envelopes = scheme_of(case.plan, lot).envelopes
    return tuple(leaf for envelope in envelopes for leaf in leaves(case.plan, lot, envelope.id))


def _strangers(case: Case) -> Iterator[Finding]:
    lots = [lot.id for lot in case.plan.lots]
    for field, named in (("sheets", case.sheets), ("draws", case.draws)):
        for lot in named:
            if lot not in lots:
                yield _no("标段", "lot", lot, lots, step(f"/{field}", lot))


# --- what stands beside -------------------------------------------------------------------------------------


def _unknown_scores(case: Case) -> Iterator[Finding]:
    for position, entry in enumerate(case.unknown):
        at = f"/unknown/{position}"
        yield from _place(
            case, entry.lot, entry.bidder, entry.criterion, entry.at_most_centi, at, "at_most_centi"
        )


def _turns(case: Case) -> Iterator[Finding]:
    sitting = seats(case)
    for position, turn in enumerate(case.turns):
        at = f"/turns/{position}"
        if turn.seat not in sitting:
            yield _no("参评席位", "evaluating seat", turn.seat, list(sitting), f"{at}/seat")
        if turn.kind == "first_entry":
            yield from _place(
                case, turn.lot, turn.bidder, turn.criterion, turn.points_centi, at, "points_centi"
            )
        elif turn.lot in (lot.id for lot in case.plan.lots) and turn.bidder not in valid_bidders(
            case, turn.lot
        ):
            yield _no("投标人", "bidder", turn.bidder, list(valid_bidders(case, turn.lot)), f"{at}/bidder")


def _place(
    case: Case, lot: str, bidder: str, criterion: str, points_centi: int, at: str, field: str
) -> Iterator[Finding]:
    """Check that something said of one score is said of a score that exists, and within its range."""
    lots = [form.id for form in case.plan.lots]
    if lot not in lots:
        yield _no("标段", "lot", lot, lots, f"{at}/lot")
        return
    valid = list(valid_bidders(case, lot))
    if bidder not in valid:
        yield _no("投标人", "bidder", bidder, valid, f"{at}/bidder")
    by_id = {leaf.id: leaf for leaf in _all_leaves(case, lot)}
    if criterion not in by_id:
        yield _no("评分项", "scored item", criterion, list(by_id), f"{at}/criterion")
    else:
        yield from check_points(by_id[criterion], bidder, points_centi, f"{at}/{field}")


def _timetable(case: Case) -> Iterator[Finding]:
    """A kind of moment stands once for each lot, so that nobody has to choose between two."""
    lots = [lot.id for lot in case.plan.lots]
    seen: set[tuple[str, str]] = set()
    for position, moment in enumerate(case.timetable):
        at = f"/timetable/{position}"
        if moment.lot and moment.lot not in lots:
            yield _no("标段", "lot", moment.lot, lots, f"{at}/lot")
        if (moment.kind, moment.lot) in seen:
            yield finding("DuplicateId", f"{at}/kind", what_zh="时间", what_en="moment", id=moment.kind)
        seen.add((moment.kind, moment.lot))


def _expected(case: Case) -> Iterator[Finding]:
    lots = [lot.id for lot in case.plan.lots]
    for position, entry in enumerate(case.expected.lots if case.expected else ()):
        at = f"/expected/lots/{position}"
        if entry.lot not in lots:
            yield _no("标段", "lot", entry.lot, lots, f"{at}/lot")
            continue
        valid = list(valid_bidders(case, entry.lot))
        named = [(name, step(f"{at}/totals", name)) for name in entry.totals]
        named += [(name, step(f"{at}/parts", name)) for name in entry.parts]
        named += [(name, step(f"{at}/upper_bounds", name)) for name in entry.upper_bounds]
        named += [(name, f"{at}/ranking/{place}") for place, name in enumerate(entry.ranking)]
        named += [(entry.winner, f"{at}/winner")] if entry.winner else []
        for name, where in named:
            if name not in valid:
                yield _no("投标人", "bidder", name, valid, where)
        if len(set(entry.ranking)) != len(entry.ranking):
            zh, en = "排序中有重复的投标人", "a bidder stands twice in the ranking"
            yield finding("ExpectedUnfit", f"{at}/ranking", zh=zh, en=en)


def _twice(values: Sequence[str], zh: str, en: str, pointer: str, field: str) -> Iterator[Finding]:
    for position, value in enumerate(values):
        if value in values[:position]:
            yield finding("DuplicateId", f"{pointer}/{position}/{field}", what_zh=zh, what_en=en, id=value)


def _no(what_zh: str, what_en: str, given: str, known: Sequence[str], pointer: str) -> Finding:
    near = suggest(given, list(known))
    return finding("UnknownId", pointer, what_zh=what_zh, what_en=what_en, id=given, **near)
