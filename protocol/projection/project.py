"""Projections: what one role at one seat is shown, folded from state and disclosures.

Nothing reaches a socket but through here. Every hidden value passes `visibility.allowed`
for its field, the role and the phase; every part of the public record `visibility.shows`.
The same functions serve the coordinator's own pages and every venue's node.
"""

from msgspec.structs import replace

from protocol.hidden import Disclosed, Opening
from protocol.plan.conduct import conduct_of
from protocol.plan.formulas import Rate
from protocol.plan.plan import Plan
from protocol.plan.stages import leaves, scheme_of
from protocol.projection import (
    alerts,
    awaiting,
    ceremony,
    cosigned,
    intervened,
    presiding,
    recusal,
    review,
    sitting,
    visibility,
    voice,
    witnessed,
)
from protocol.projection.alerts import Watched
from protocol.projection.awaiting_ranking import Pressing, pressing
from protocol.projection.roll_calls import called_now, roll_calls
from protocol.session.live import faces
from protocol.session.state import Seat, State, Track, head, is_last, members
from protocol.session.turns import ranking
from protocol.views import (
    AlertView,
    AsOf,
    Awaited,
    BidView,
    CriterionView,
    RateView,
    SeatCounts,
    SeatView,
    SheetView,
    StageView,
    VenueView,
    View,
)
from protocol.words import Role


def view(state: State, disclosed: Disclosed, role: Role, seat: str, watched: Watched | None = None) -> View:
    """What a page of this role at this seat shows as of the state.

    Args:
      state: the session.
      disclosed: whatever the folding node holds; only what the table allows is used.
      role: the speaker's role; decides all that is shown.
      seat: the speaker's seat; decides whose province it is in, and which acts are still its own to do.
      watched: what the entries so far gave cause to look at, where the folding node keeps it.
    """
    to = visibility.province_of(state, seat)
    return seated(of_role(state, disclosed, role, to, watched), state, disclosed, seat)


def of_role(state: State, disclosed: Disclosed, role: Role, to: str, watched: Watched | None = None) -> View:
    """What every page of a role in a province shows as of the state, but for its own acts; see `seated`."""
    plan = _plan(state, disclosed, role)
    undrawn = _undrawn(state, plan)
    waiting = _pressing(state, disclosed, role, plan)
    now = head(state)
    return View(
        role=role,
        seat="",
        province=to,
        session=state.session,
        as_of=AsOf(now.size, state.at, now.root),
        regime=state.regime,
        rules_version=state.rules_version,
        demonstration=state.demonstration,
        phase=state.phase,
        path=state.path,
        title=plan.title if plan else None,
        title_en=plan.title_en if plan else None,
        undertaking=plan.undertaking_zh if plan else None,
        venues=_venues(state, role),
        seats=tuple(_seat(state, disclosed, role, one, to) for one in _seats(state, role, to)),
        stages=tuple(_stage(state, disclosed, role, plan, t, to) for t in state.tracks.values()),
        awaited=_awaited(state, role, plan, undrawn, waiting),
        outstanding=awaiting.outstanding(state) if visibility.shows("awaited", role) else (),
        acts=(),
        milestones=cosigned.milestones(state, role),
        alerts=_alerts(state, disclosed, role, watched),
        report=_report(state, disclosed, role),
        observations=witnessed.observations(state, disclosed, role),
        recordings=witnessed.recordings(state, role),
        witness_records=witnessed.records(state, disclosed, role),
        committee=sitting.committee(state, role),
        suspension=sitting.suspension(state, disclosed, role),
        void=sitting.void(state, disclosed, role),
        signing=sitting.signing(state, disclosed, role, plan),
        draw=presiding.draw(state, disclosed, role),
        limits=presiding.limits(state, role, plan) if sitting.grown(state) else None,
        paper=ceremony.paper(state, role),
        masked=_masked(state, plan, role),
        called=called_now(state, role),
        roll_calls=roll_calls(state, role),
    )


def seated(shown: View, state: State, disclosed: Disclosed, seat: str) -> View:
    """A role's view as a page at one seat shows it: which acts are its own to do, whom it must think of.

    Args:
      shown: the role's view as of the state, in the seat's province (`of_role`).
      state: the session.
      disclosed: whatever the folding node holds.
      seat: the speaker's.
    """
    mine = awaiting.acts(state, shown.role, seat) if visibility.shows("acts", shown.role) else ()
    named: tuple[str, ...] = ()
    if shown.role == "expert" and sitting.grown(state):
        named = recusal.bidders_to_think_of(state, disclosed, seat)
    asked = intervened.interventions(state, disclosed, shown.role, seat)
    return replace(
        shown, seat=seat, acts=mine, bidders=named, voice=voice.own(state, seat), interventions=asked
    )


def _awaited(
    state: State,
    role: Role,
    plan: Plan | None,
    undrawn: dict[str, tuple[str, ...]],
    waiting: dict[str, tuple[Pressing, ...]],
) -> tuple[Awaited, ...]:
    if not visibility.shows("awaited", role):
        return ()
    chair = "any" if plan is None else conduct_of(plan.conduct).chair
    return intervened.awaited(state, role, awaiting.awaited(state, undrawn, waiting, chair))


def _plan(state: State, disclosed: Disclosed, role: Role) -> Plan | None:
    if not visibility.allowed(state, "plan", role):
        return None
    found: Plan | None = disclosed.get_value(state.plan, Plan)
    return found


def _masked(state: State, plan: Plan | None, role: Role) -> tuple[str, ...]:
    if not visibility.shows("seats", role):
        return ()
    return faces.masked(state, by_plan=plan is None or plan.mask_faces is True)


def _undrawn(state: State, plan: Plan | None) -> dict[str, tuple[str, ...]]:
    if plan is None:
        return {}
    return {
        track.name: tuple(rate.id for rate in _drawn_rates(plan, track.lot) if rate.id not in track.draws)
        for track in state.tracks.values()
        if is_last(state, track)
    }


def _pressing(
    state: State, disclosed: Disclosed, role: Role, plan: Plan | None
) -> dict[str, tuple[Pressing, ...]]:
    """Track name → whom its ranking waits for: all where the role is shown the tally, else its own acts."""
    if plan is None:
        return {}
    shown = {
        track.name: tuple(
            one
            for one in pressing(state, disclosed, track, plan)
            if one[1] == role or visibility.allowed(state, "tally", role, track)
        )
        for track in state.tracks.values()
        if track.tally
    }
    return {name: found for name, found in shown.items() if found}


def _equal(
    state: State, disclosed: Disclosed, role: Role, plan: Plan | None, track: Track
) -> tuple[str, ...]:
    """Bids that the tenderee has to put in order: told to the tenderee, and to whom the tally is shown."""
    told = role == "tenderee" or visibility.allowed(state, "tally", role, track)
    if plan is None or track.phase != "SUMMARY" or not told or not sitting.grown(state):
        return ()
    result = ranking.tally_of(track, disclosed)
    return () if result is None else ranking.undecided_among(state, track, plan, result)


def _drawn_rates(plan: Plan, lot: str) -> tuple[Rate, ...]:
    """The rates that the plan has drawn in public, for a lot."""
    return tuple(rate for rate in scheme_of(plan, lot).rates if rate.candidates)


def _venues(state: State, role: Role) -> tuple[VenueView, ...]:
    if not visibility.shows("venues", role):
        return ()
    counted = visibility.shows("seats", role)
    return tuple(
        VenueView(
            v.venue, v.province, v.role, v.node_key, counts=_counts(state, v.venue) if counted else ()
        )
        for v in state.venues.values()
    )  # fmt: skip


def _counts(state: State, venue: str) -> tuple[SeatCounts, ...]:
    here = [seat for seat in state.seats.values() if seat.venue == venue and not seat.reserve]
    scored = [track for track in state.tracks.values() if awaiting.scored(track)]
    found = []
    for role in sorted({seat.role for seat in here}):
        seats = [seat for seat in here if seat.role == role]
        sealed = [seat for seat in seats if scored and all(seat.seat in track.sheets for track in scored)]
        found.append(
            SeatCounts(
                role=role,
                seats=len(seats),
                bound=sum(bool(seat.key) for seat in seats),
                checked_in=sum(seat.checked_in for seat in seats),
                sealed=len(sealed),
                signed=sum(seat.signed for seat in seats),
            )
        )
    return tuple(found)


def _seats(state: State, role: Role, to: str) -> tuple[Seat, ...]:
    """The seats that are shown one by one."""
    if not visibility.shows("seats", role):
        return ()
    shown = (seat for seat in state.seats.values() if _in_detail(state, role, seat.seat, to))
    return tuple(sorted(shown, key=lambda seat: (seat.role, seat.seat)))


def _in_detail(state: State, role: Role, seat: str, to: str) -> bool:
    if role not in visibility.IN_COUNTS:
        return True
    return visibility.reaches(state, visibility.province_of(state, seat), to)


def _seat(state: State, disclosed: Disclosed, role: Role, seat: Seat, to: str) -> SeatView:
    person = None
    of = visibility.province_of(state, seat.seat)
    if seat.person and visibility.allowed(state, "person", role, of=of, to=to):
        person = disclosed.get_value(seat.person)
    return SeatView(
        seat.seat, seat.role, seat.venue, seat.kind, seat.reserve, bool(seat.key),
        seat.checked_in, seat.signed, person,
    )  # fmt: skip


def _stage(
    state: State, disclosed: Disclosed, role: Role, plan: Plan | None, track: Track, to: str
) -> StageView:
    lot, criteria, rates = None, None, None
    if plan is not None:
        lot = next((lot for lot in plan.lots if lot.id == track.lot), None)
        criteria = _criteria(plan, track)
        rates = tuple(
            RateView(rate.id, rate.zh, rate.en, rate.candidates) for rate in _drawn_rates(plan, track.lot)
        )
    tally = None
    whole = visibility.shows("evaluation", role)
    if track.tally and whole and visibility.allowed(state, "tally", role, track):
        found = disclosed.get(track.tally)
        tally = None if found is None else found.value
    progress = visibility.shows("progress", role)
    return StageView(
        lot=track.lot,
        envelope=track.envelope,
        round=track.round,
        phase=track.phase,
        entered_at=track.entered_at,
        title=None if lot is None else lot.zh,
        sealed_count=len(track.sheets) if progress else 0,
        sealed_expected=len(members(state)) if progress else 0,
        bids=_bids(state, disclosed, role, track),
        criteria=criteria,
        draws=track.draws,
        rates=rates,
        sheets=_sheets(state, disclosed, role, track, to),
        tally=tally,
        overrun=track.overrun if visibility.shows("sheets", role) else (),
        opening_signed=track.opening_signed if visibility.shows("bids", role) else (),
        unit=None if lot is None else lot.unit,
        title_en=None if lot is None else lot.en,
        review=review.review_of_stage(state, disclosed, role, plan, track),
        turns=review.turns_of_stage(state, disclosed, role, plan, track),
        drawings=review.drawings(track) if visibility.shows("bids", role) else (),
        equal=_equal(state, disclosed, role, plan, track),
        objections=presiding.objections(state, disclosed, role, track),
        ceremony=ceremony.ceremony(state, disclosed, role, track),
        escrow=ceremony.escrow(state, role, track, _members_in_detail(state, role, to)),
    )


def _members_in_detail(state: State, role: Role, to: str) -> tuple[str, ...]:
    """The members whose sheets a role is shown one by one."""
    return tuple(one.seat for one in members(state) if _in_detail(state, role, one.seat, to))


def _criteria(plan: Plan, track: Track) -> tuple[CriterionView, ...]:
    return tuple(
        CriterionView(
            criterion=leaf.id,
            group="/".join(leaf.path),
            zh=leaf.zh,
            en=leaf.en,
            group_zh=" / ".join(leaf.path_zh),
            group_en=" / ".join(leaf.path_en),
            rule_zh=leaf.rule_zh,
            rule_en=leaf.rule_en,
            kind=leaf.kind,
            blind=leaf.blind,
            max_centi=leaf.max_centi,
            step_centi=leaf.step_centi,
        )
        for leaf in leaves(plan, track.lot, track.envelope)
    )


def _bids(state: State, disclosed: Disclosed, role: Role, track: Track) -> tuple[BidView, ...] | None:
    if not visibility.shows("bids", role):
        return None
    names = visibility.allowed(state, "bidder_name", role, track)
    prices = visibility.allowed(state, "price", role, track)
    quantities = visibility.allowed(state, "quantities", role, track)
    judged = visibility.shows("validity", role)
    grounds = {one.bidder: one.ground for one in track.rejected} if judged else {}
    return tuple(
        BidView(
            bidder=bid.bidder,
            code=bid.code,
            valid=judged and bid.bidder in track.valid,
            ground=grounds.get(bid.bidder, ""),
            name=disclosed.get_value(bid.name) if names else None,
            price=disclosed.get_value(bid.price) if prices else None,
            quantities=disclosed.get_value(bid.quantities) if quantities else None,
            read_out=bid.bidder in track.read_out,
        )
        for bid in track.bids
    )


def _sheets(
    state: State, disclosed: Disclosed, role: Role, track: Track, to: str
) -> tuple[SheetView, ...] | None:
    if not visibility.shows("sheets", role) or not awaiting.scored(track):
        return None
    values = visibility.allowed(state, "sheet", role, track)
    shown = []
    for seat in members(state):
        if not values and not _in_detail(state, role, seat.seat, to):
            continue
        sheet = track.sheets.get(seat.seat)
        if sheet is None:
            shown.append(SheetView(seat.seat, False, "", False))
            continue
        opening: Opening | None = None
        if values and sheet.opened:
            opening = disclosed.get_value(sheet.commitment, Opening)
        scores = None if opening is None else opening.scores
        shown.append(SheetView(seat.seat, True, sheet.tried, sheet.opened, scores))
    return tuple(shown)


def _alerts(state: State, disclosed: Disclosed, role: Role, watched: Watched | None) -> tuple[AlertView, ...]:
    if watched is None or not visibility.shows("alerts", role):
        return ()
    found = watched.alerts
    for track in state.tracks.values():
        if track.tally and visibility.allowed(state, "tally", role, track):
            found = (*found, *alerts.of_tally(disclosed.get(track.tally), track, watched))
    return found


def _report(state: State, disclosed: Disclosed, role: Role) -> str | None:
    if not state.report or not visibility.allowed(state, "report", role):
        return None
    found = disclosed.get(state.report)
    return None if found is None else found.value
