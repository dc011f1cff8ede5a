"""Who is awaited, and what a speaker could do now: read off the phase table and the state."""

import functools
from collections.abc import Iterator

from protocol.projection import awaiting_committee, awaiting_opening, awaiting_rates, intervened
from protocol.projection.awaiting_review import awaited_in_review
from protocol.refusals import Refusal, text
from protocol.session import moves, witnessing
from protocol.session.phases import RULES, STAGE_ORDER, Act, reached
from protocol.session.recognition import accepting
from protocol.session.review import standing
from protocol.session.review.rows import ASIDE
from protocol.session.state import AGENT_SEAT, Seat, State, Track, WitnessRecord, earlier, is_last, members
from protocol.session.turns.guards import reconfirmed, to_reconfirm, unanswered
from protocol.session.turns.more_time import enough_ask
from protocol.session.turns.suspension import BEFORE_START
from protocol.views import ActView, Awaited
from protocol.words import Role


def awaited(
    state: State,
    undrawn: dict[str, tuple[str, ...]],
    pressing: dict[str, tuple[tuple[str, Role, str], ...]] | None = None,
    chair: str = "any",
) -> tuple[Awaited, ...]:
    """Everybody whose act is needed before something can go on, nobody twice for the same.

    Args:
      state: the session.
      undrawn: track name → rates that the plan draws and that are not drawn yet.
      pressing: track name → (seat, role, act) that the ranking of its published tally waits for, for
        those to whom the tally may be shown (`awaiting_ranking`).
      chair: how the plan has a chair come to the office (`plan.conduct`), `any` where it says nothing.
    """
    return tuple(dict.fromkeys(_awaited(state, undrawn, pressing or {}, chair)))


def outstanding(state: State) -> tuple[Awaited, ...]:
    """What somebody still has to do although nothing waits for it (rules version 2, SPEC 13).

    The tenderee reads out and signs with the main venue's witness; witnesses who have taken their
    seat sign what they noted, from the report on.
    """
    return tuple(_outstanding(state))


def _outstanding(state: State) -> Iterator[Awaited]:
    rules = RULES[state.rules_version]
    if "SignWitnessRecord" not in rules.acts:
        return
    seats = [seat for seat in state.seats.values() if not seat.reserve]
    for track in state.tracks.values():
        if track.phase != "OPENED":
            continue
        read = all(bid.bidder in track.read_out for bid in track.bids)
        for seat in seats:
            if seat.role == "tenderee" and not read:
                yield Awaited(seat.seat, "tenderee", "ReadOut", track.lot, track.envelope)
            elif read and _signs_opening(state, seat) and seat.seat not in track.opening_signed:
                yield Awaited(seat.seat, seat.role, "SignOpeningRecord", track.lot, track.envelope)
    if state.phase in rules.acts["SignWitnessRecord"].phases:
        for seat in seats:
            if seat.role == "witness" and seat.key and not _record(state, seat.seat).signed:
                yield Awaited(seat.seat, "witness", "SignWitnessRecord")
        if "AcceptWitnessRecord" in rules.acts:
            for seat in seats:
                if seat.role == "witness" and seat.key and accepting.unanswered(state, seat.venue):
                    yield Awaited(seat.seat, "witness", "AcceptWitnessRecord")


def _signs_opening(state: State, seat: Seat) -> bool:
    """The tenderee presides; of the witnesses the one at the main venue is expected to sign."""
    main = state.venues[seat.venue].role == "main"
    return seat.role == "tenderee" or (seat.role == "witness" and main and bool(seat.key))


def _record(state: State, seat: str) -> WitnessRecord:
    return state.witness_records.get(seat, WitnessRecord())


def _agent(act: str, track: Track | None = None) -> Awaited:
    if track is None:
        return Awaited(AGENT_SEAT, "agent", act)
    return Awaited(AGENT_SEAT, "agent", act, track.lot, track.envelope)


def _grown(state: State, act: str) -> bool:
    """Whether an act's rule is one of version 3's."""
    return act in RULES[state.rules_version].grown


def _awaited(
    state: State,
    undrawn: dict[str, tuple[str, ...]],
    pressing: dict[str, tuple[tuple[str, Role, str], ...]],
    chair: str,
) -> Iterator[Awaited]:
    for pending in state.milestones.values():
        if pending.size == 0:
            yield Awaited("installation", "installation", "ReachMilestone", pending.lot, pending.envelope)
    match state.phase:
        case "BOOKED" if _grown(state, "FreezePool"):
            yield from awaiting_committee.awaited_in_draw(state)
        case "BOOKED":
            yield _agent("ImportCommittee")
        case "DRAWN":
            yield from _before_check_in(state, undrawn)
        case "CHECKIN":
            yield from _draws(state, undrawn)
            yield from _check_in(state)
        case "COMMITTEE_READY":
            yield from awaiting_committee.awaited_of_members(state, chair)
            chairless = awaiting_committee.lacks_chair(state, chair)
            for track in state.tracks.values():
                for of_stage in _stage(
                    state, track, undrawn.get(track.name, ()), pressing.get(track.name, ())
                ):
                    if not (chairless and of_stage.act == "BeginPreliminary"):
                        yield of_stage
            if all(track.phase in ("RANKED", "FAILED") for track in state.tracks.values()):
                yield _agent("BeginReport")
        case "REPORT_DRAFT":
            yield _agent("ImportReport")
        case "SIGNING":
            yield from _signing(state)
        case "SUBMITTED":
            yield _agent("ArchiveSession")
        case "SUSPENDED":
            yield from _suspended(state)
        case "COMMITTEE_VOID":
            yield _agent("RedrawCommittee" if state.drawn.seed else "RebuildCommittee")


def _signing(state: State) -> Iterator[Awaited]:
    """Members answer the report; under version 4 it is prepared first, and signed by certificate besides."""
    waiting = unanswered(state)
    paper = tuple(_on_paper(state)) if _grown(state, "PrepareReport") else ()
    yield from (one for one in paper if one.role == "agent")
    for seat in waiting:
        refused = seat in state.turns.refused
        yield _agent("DeemAgreement") if refused else Awaited(seat, "expert", "SignReport")
    yield from (one for one in paper if one.role != "agent")
    if not waiting and not paper:
        yield _agent("SubmitReport")


def _on_paper(state: State) -> Iterator[Awaited]:
    own = state.signatures
    if own.report != state.report:
        yield _agent("PrepareReport")
        return
    excused = {*state.turns.dissents, *state.turns.deemed}
    for place in own.places:
        if place.seat not in own.signed and not (place.role == "member" and place.seat in excused):
            yield Awaited(place.seat, "expert" if place.role == "member" else place.role, "SignPaper")


def _suspended(state: State) -> Iterator[Awaited]:
    """A witness of their own venue looks again at every member; then the session can go on."""
    waiting = [seat for seat in to_reconfirm(state) if not reconfirmed(state, seat)]
    venues = {state.seats[seat].venue for seat in waiting}
    for seat in state.seats.values():
        if seat.role == "witness" and seat.venue in venues:
            yield Awaited(seat.seat, "witness", "ReconfirmSeat")
    found = state.turns.suspension
    if found is not None and state.at - found.at > found.limit_ms:
        before = found.phase in BEFORE_START
        yield from _tenderee(state, "Resume" if before else "VoidCommittee")
    elif not waiting:
        yield _agent("Resume")


def _tenderee(state: State, act: str, track: Track | None = None) -> Iterator[Awaited]:
    lot, envelope = ("", "") if track is None else (track.lot, track.envelope)
    for seat in state.seats.values():
        if seat.role == "tenderee" and not seat.reserve:
            yield Awaited(seat.seat, "tenderee", act, lot, envelope)


def _before_check_in(state: State, undrawn: dict[str, tuple[str, ...]]) -> Iterator[Awaited]:
    unopened = [track for track in _first_envelopes(state) if track.phase in awaiting_opening.PHASES]
    for track in unopened:
        yield from _unopened(state, track)
    yield from _draws(state, undrawn)
    if not unopened:
        yield _agent("OpenCheckIn")


def _unopened(state: State, track: Track) -> Iterator[Awaited]:
    """What opens a stage's bids: the ceremony, or before version 4 the result of one held elsewhere."""
    if awaiting_opening.opens_here(state):
        yield from awaiting_opening.awaited_in_opening(state, track)
    else:
        yield _agent("ImportOpening", track)


def _draws(state: State, undrawn: dict[str, tuple[str, ...]]) -> Iterator[Awaited]:
    """Before the committee is ready: rates of opened bids, and what was objected to on the spot."""
    for track in state.tracks.values():
        if track.phase != "OPENED":
            continue
        here = undrawn.get(track.name, ())
        if _grown(state, "BeginDrawK"):
            yield from _opened(state, track, here)
        elif here and state.phase == "DRAWN":
            yield _agent("DrawK", track)


def _opened(state: State, track: Track, undrawn: tuple[str, ...]) -> Iterator[Awaited]:
    """What an opened stage of version 3 waits for beside its review."""
    if any(not one.answer for one in track.turns.objections):
        yield from _tenderee(state, "AnswerObjection", track)
    if awaiting_rates.not_begun(track, undrawn):
        yield awaiting_rates.begins(track)
    yield from awaiting_rates.awaited_in_draw(state, track)


def _first_envelopes(state: State) -> Iterator[Track]:
    for lot in state.lots:
        yield state.tracks[f"{lot.lot}/{lot.envelopes[0]}"]


def _check_in(state: State) -> Iterator[Awaited]:
    if _grown(state, "PublishDraw"):
        yield from awaiting_committee.awaited_at_the_door(state)
        return
    waiting = [seat for seat in members(state) if not seat.checked_in]
    for seat in waiting:
        yield Awaited(seat.seat, "expert", "CheckIn" if seat.key else "BindSeat")
    if not waiting:
        yield _agent("LockRoster")


def _stage(
    state: State, track: Track, undrawn: tuple[str, ...], pressing: tuple[tuple[str, Role, str], ...]
) -> Iterator[Awaited]:
    if enough_ask(state, track):
        yield _agent("ExtendTime", track)
    phase = track.phase
    if _grown(state, "ConcludePreliminary") and phase in ("OPENED", "PRELIM", *ASIDE):
        if phase == "OPENED":
            yield from _opened(state, track, undrawn)
        yield from awaited_in_review(state, track, undrawn)
        phase = standing.home(track)
        if phase != "DETAILED":
            return
    match phase:
        case "AWAITED" if all(one.phase == "RANKED" for one in earlier(state, track)):
            yield from _unopened(state, track)
        case "OPENING" | "BIDDERS_RELEASE" | "CUSTODIANS_RELEASE":
            yield from _unopened(state, track)
        case "OPENED":
            yield _agent("BeginPreliminary", track)
        case "PRELIM":
            yield _agent("DrawK" if undrawn else "ImportPreliminary", track)
        case "DETAILED":
            waiting = [seat for seat in members(state) if seat.seat not in track.sheets]
            for member in waiting:
                yield Awaited(member.seat, "expert", "SealSheet", track.lot, track.envelope)
            in_escrow = tuple(awaiting_opening.awaited_in_escrow(state, track))
            yield from in_escrow
            if not waiting and not in_escrow and track.phase == "DETAILED":
                yield _agent("CloseScoring", track)
        case "SCORES_SEALED":
            yield from _venues(state, track, "TryOpening")
        case "SCORES_OPENING":
            yield from _venues(state, track, "OpenSheet")
        case "SUMMARY":
            confirm = "ConfirmRanking" if is_last(state, track) else "ConfirmPassing"
            for seat, role, act in pressing if track.tally else ():
                yield Awaited(seat, role, act, track.lot, track.envelope)
            if not track.tally or not pressing:
                yield _agent(confirm if track.tally else "PublishTally", track)
        case "RECHECK":
            yield _agent("EndRecheck", track)


def _venues(state: State, track: Track, act: str) -> Iterator[Awaited]:
    names = set()
    for seat, sheet in track.sheets.items():
        done = sheet.tried == "ok" if act == "TryOpening" else sheet.opened
        if not done:
            names.add(state.seats[seat].venue)
    for name in sorted(names):
        yield Awaited(name, "venue", act, track.lot, track.envelope)


def acts(state: State, role: Role, seat: str) -> tuple[ActView, ...]:
    """What the speaker could do in the present phases, each with the refusal it would meet.

    Done ones are left out (a sheet that is sealed, a report that is signed). The refusal is
    that of guards and milestones; an act's content is judged when it is sent.
    """
    found = []
    for act in _acts_of(state.rules_version, role):
        if act.scope != "stage":
            if state.phase in act.phases and not _done(state, None, act, seat):
                found.append(_act_view(state, None, act))
        else:
            found.extend(
                _act_view(state, track, act)
                for track in state.tracks.values()
                if track.phase in act.phases and not _done(state, track, act, seat)
            )
    return tuple(found)


@functools.cache
def _acts_of(rules_version: str, role: Role) -> tuple[Act, ...]:
    """The acts that a role's page may offer, by the rules alone."""
    rows = RULES[rules_version].acts.values()
    return tuple(act for act in rows if act.available and role in act.roles and act.type != "BindSeat")


def _done(state: State, track: Track | None, act: Act, seat: str) -> bool:
    own = state.seats.get(seat)
    match act.type:
        case "CheckIn":
            return own is None or own.checked_in or own.reserve
        case "SignReport":
            return own is None or own.signed or seat not in state.roster
        case "SealSheet":
            return track is None or seat in track.sheets or seat not in state.roster
        case "PublishTally":
            return track is None or bool(track.tally)
        case "ConfirmRanking":
            return track is None or not track.tally
        case "ReadOut":
            return track is None or all(bid.bidder in track.read_out for bid in track.bids)
        case "SignOpeningRecord":
            return track is None or seat in track.opening_signed
        case "AppointCustodians" | "RecordBidFailure":
            return track is None or awaiting_opening.is_done(state, track, act.type)
        case "SignPaper":
            own_paper = state.signatures
            return seat in own_paper.signed or seat not in {one.seat for one in own_paper.places}
        case "AnswerIntervention":
            return intervened.answers_nothing(state, seat)
        case "NoteObservation" | "SignWitnessRecord":
            return _record(state, seat).signed
        case "AcceptWitnessRecord":
            return own is None or not accepting.unanswered(state, own.venue)
    return False


def _act_view(state: State, track: Track | None, act: Act) -> ActView:
    row = moves.find(state, track, act.type)
    refusal = moves.move(state, track, act.type) if row is not None else None
    if act.type == "SignOpeningRecord" and track is not None:
        refusal = witnessing.unread(track)
    code, zh, en = "", "", ""
    if isinstance(refusal, Refusal):
        words = text(refusal)
        code, zh, en = refusal.code, words.zh, words.en
    target = row.target if row is not None else ""
    if track is None:
        return ActView(act.type, "", "", 0, target, code, zh, en)
    return ActView(act.type, track.lot, track.envelope, track.round, target, code, zh, en)


def scored(track: Track) -> bool:
    """Whether a stage has come to its scoring or past it; one that stands aside is where it came from."""
    phase = "SUMMARY" if track.phase == "RECHECK" else track.phase
    phase = standing.home(track) if phase in ASIDE else phase
    return reached(STAGE_ORDER, phase, "DETAILED")
