"""Rules on hidden inputs: `check(state, command, disclosed) -> findings`.

Run by the coordinator before an append, with what it holds and what came with the command,
and again by anybody who holds the disclosures. Each finding is a refusal; none means that
the hidden inputs are what the public fields claim. What is not disclosed to the checker and
not needed for the act is not looked at.
"""

from protocol import canonical
from protocol import commands as cmd
from protocol.commands import Command
from protocol.hidden import Disclosed, Opening
from protocol.plan.findings import errors_among
from protocol.plan.plan import Plan
from protocol.plan.stages import check_sheet, scheme_of, stages
from protocol.plan.validate import validate_plan
from protocol.refusals import Refusal, refuse
from protocol.session.asked import Checking, Findings
from protocol.session.ceremony.checks import CHECKS as CEREMONY
from protocol.session.committee.checks import CHECKS as COMMITTEE
from protocol.session.disclosing import need, remark, the_plan
from protocol.session.escrow.checks import CHECKS as ESCROW
from protocol.session.identity.checks import CHECKS as IDENTITY
from protocol.session.live.checks import CHECKS as LIVE
from protocol.session.milestones.checks import CHECKS as MILESTONES
from protocol.session.oversight.checks import CHECKS as OVERSIGHT
from protocol.session.phases import RULES
from protocol.session.recognition.checks import CHECKS as RECOGNITION
from protocol.session.review.checks import CHECKS as REVIEW
from protocol.session.review.checks import rates_drawn
from protocol.session.signatures.checks import CHECKS as SIGNATURES
from protocol.session.state import State, Track, track
from protocol.session.tally import PriceText, blocked, evaluate_stage, unconfirmed
from protocol.session.turns.checks import CHECKS as TURNS

_GROWN: dict[type, Checking] = {
    **COMMITTEE, **REVIEW, **TURNS,
    **MILESTONES, **IDENTITY, **CEREMONY, **ESCROW, **SIGNATURES, **LIVE,
    **RECOGNITION, **OVERSIGHT,
}  # fmt: skip


def check(state: State | None, command: Command, disclosed: Disclosed) -> Findings:
    """What is wrong with a command's hidden inputs; empty when nothing is.

    Args:
      state: as of before the command; None before genesis.
      command: one that `decide` accepts.
      disclosed: everything the checker holds, the command's own disclosures included.
    """
    content = command.content
    if isinstance(content, cmd.BookSession):
        return _booking(content, disclosed)
    if state is None:
        return (refuse("UnknownSession", session=command.session),)
    here = track(state, command.stage)
    grown = _GROWN.get(type(content))
    if grown is not None and command.type in RULES[state.rules_version].grown:
        return grown(state, here, content, disclosed)
    match content:
        case cmd.CheckIn():
            return _check_in(state, content, disclosed)
        case cmd.ImportReport():
            return need(disclosed, "report", content.report)
        case cmd.NoteObservation():
            return remark(disclosed, content.remark)
    if here is None:
        return ()
    match content:
        case cmd.ImportOpening():
            return _opening(content, disclosed)
        case cmd.DrawK():
            return _draw(state, here, content, disclosed)
        case cmd.ImportPreliminary():
            return rates_drawn(state, here, disclosed)
        case cmd.OpenSheet():
            return _open_sheet(state, here, content, disclosed)
        case cmd.PublishTally():
            return unconfirmed(state, here, disclosed) or _tally(state, here, content, disclosed)
        case cmd.ConfirmRanking():
            return blocked(here, disclosed)
    return ()


def _booking(content: cmd.BookSession, disclosed: Disclosed) -> Findings:
    plan = the_plan(disclosed, content.plan)
    if not isinstance(plan, Plan):
        return plan
    errors = errors_among(validate_plan(plan))
    if errors:
        return tuple(refuse("PlanInvalid", zh=one.zh, en=one.en) for one in errors)
    planned = [(lot.id, tuple(e for name, e in stages(plan) if name == lot.id)) for lot in plan.lots]
    facts: dict[str, tuple[object, object]] = {
        "regime": (content.regime, plan.regime),
        "lots": ([(lot.lot, lot.envelopes) for lot in content.lots], planned),
        "committee_size_min": (content.committee_size_min, plan.committee.size_min),
        "committee_odd": (content.committee_odd, plan.committee.odd_required),
        "experts_num": (content.experts_num, plan.committee.experts_num),
        "experts_den": (content.experts_den, plan.committee.experts_den),
        "bids_min": (content.bids_min, plan.bids_min),
        "scoring_ms": (content.scoring_ms, plan.scoring_ms),
        "names_hidden": (content.names_hidden, plan.hide_names),
    }
    return tuple(refuse("PlanMismatch", field=name) for name, (told, due) in facts.items() if told != due)


def _check_in(state: State, content: cmd.CheckIn, disclosed: Disclosed) -> Findings:
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    if content.undertaking != canonical.sha256(plan.undertaking_zh.encode()):
        return (refuse("PlanMismatch", field="undertaking"),)
    return ()


def _opening(content: cmd.ImportOpening, disclosed: Disclosed) -> Findings:
    found: list[Refusal] = []
    for bid in content.bids:
        digests = (("bidder_name", bid.name), ("price", bid.price), ("quantities", bid.quantities))
        missing = [one for field, digest in digests for one in need(disclosed, field, digest)]
        found.extend(missing)
        if missing:
            continue
        try:
            disclosed.value(bid.price, PriceText)
            disclosed.value(bid.quantities, dict[str, str])
        except canonical.NotCanonical:
            price = disclosed[bid.price].value
            found.append(refuse("PriceInvalid", bidder=bid.code, price=price))
    return tuple(found)


def _draw(state: State, here: Track, content: cmd.DrawK, disclosed: Disclosed) -> Findings:
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    rates = {rate.id: rate for rate in scheme_of(plan, here.lot).rates}
    rate = rates.get(content.rate)
    candidates = rate.candidates if rate is not None else ()
    if content.k not in candidates:
        shown = ", ".join(candidates) or "-"
        return (refuse("NotACandidate", k=content.k, candidates=shown),)
    return ()


def _open_sheet(state: State, here: Track, content: cmd.OpenSheet, disclosed: Disclosed) -> Findings:
    missing = need(disclosed, "sheet", content.commitment)
    if missing:
        return missing
    opening: Opening = disclosed.value(content.commitment, Opening)
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    return sheet_faults(state, here, content.seat, opening, plan)


def sheet_faults(state: State, here: Track, seat: str, opening: Opening, plan: Plan) -> Findings:
    """What is wrong with a sheet that claims to be a seat's for a stage (SPEC 6).

    Session, stage, expert and bids are those of the stage; every item of every valid bid
    has points within its range and on its step. Used before sealing and at the opening. A sheet that was
    made before a bid was rejected in the detailed review (version 3) covers that bid still.
    """
    named = (opening.session, opening.stage.lot, opening.stage.envelope, opening.stage.round)
    if named != (state.session, here.lot, here.envelope, here.round) or opening.expert != seat:
        return (refuse("OpeningMismatch", seat=seat),)
    if opening.bids != here.valid and opening.bids not in here.review.was_valid:
        return (refuse("OpeningMismatch", seat=seat),)
    found = check_sheet(plan, here.lot, here.envelope, opening.bids, opening.scores, seat=seat)
    return tuple(refuse("SheetInvalid", seat=seat, zh=one.zh, en=one.en) for one in errors_among(found))


def _tally(state: State, here: Track, content: cmd.PublishTally, disclosed: Disclosed) -> Findings:
    missing = need(disclosed, "tally", content.tally)
    if missing:
        return missing
    result = evaluate_stage(state, here, disclosed)
    if isinstance(result, tuple):
        return result
    claimed = disclosed[content.tally].value.encode()
    return () if claimed == canonical.encode(result) else (refuse("TallyMismatch"),)
