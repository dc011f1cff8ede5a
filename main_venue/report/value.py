"""The evaluation report, machine-readable: built from the record and what it discloses, alone.

Basic facts, committee by seat, opened bids, rejections, each lot's comparison and ranking, candidates; under
rules version 3 every section of the regime's order beside them (`machine`), from the entries' own times. Numbers
are the tally's own texts; nothing is computed here.
"""

from typing import Any

import msgspec

from main_venue.report import machine
from main_venue.report.gathered import NotRanked, gather
from protocol.hidden import Disclosed
from protocol.plan.plan import Plan
from protocol.record import Record
from protocol.refusals import Refusal, refuse
from protocol.session.outcome import OutcomeWithheld, evaluation
from protocol.session.phases import RULES
from protocol.session.state import State, Track, members
from protocol.session.tally import explain_stage


def build(
    state: State, disclosed: Disclosed, entries: tuple[bytes, ...] = ()
) -> dict[str, Any] | Refusal:  # fmt: skip
    """The report's value, canonical, or which disclosure is missing.

    Args:
      state: every stage ranked.
      disclosed: plan, prices, names where they may be shown, sheets and tallies; under rules version 3 what
        people wrote as well.
      entries: the record's, from the first on; rules version 3 tells when acts were entered.
    """
    plan: Plan | None = disclosed.get_value(state.plan, Plan)
    if plan is None:
        return refuse("DisclosureMissing", field="plan")
    grown = RULES[state.rules_version].grown
    sections: dict[str, Any] = {}
    try:
        tracks = [track for _, track in sorted(state.tracks.items()) if not grown or track.tally]
        lots = [_lot(state, track, disclosed) for track in tracks]
        if grown:
            record = Record(state.session, entries, disclosed)
            sections = {"sections": machine.sections(gather(record, state))}
    except OutcomeWithheld as withheld:
        return refuse("DisclosureMissing", field=str(withheld))
    except NotRanked as unranked:
        return refuse("GuardUnmet", zh=f"标段 {unranked} 尚未排序", en=f"lot {unranked} is not ranked yet")
    return sections | {
        "v": 1,
        "session": state.session,
        "tender": plan.tender,
        "title": plan.title,
        "notice": plan.notice_zh,
        "regime": state.regime,
        "rules_version": state.rules_version,
        "committee": [{"seat": seat.seat, "venue": seat.venue, "kind": seat.kind} for seat in members(state)],
        "lots": lots,
    }


def _lot(state: State, track: Track, disclosed: Disclosed) -> dict[str, Any]:
    result = evaluation(track, disclosed)
    if result is None:
        raise OutcomeWithheld(f"tally of {track.name}")
    names_shown = not state.names_hidden
    return {
        "lot": track.lot,
        "envelope": track.envelope,
        "bids": [
            {
                "bidder": bid.bidder,
                "code": bid.code,
                "name": disclosed.get_value(bid.name) if names_shown else None,
                "price": disclosed.get_value(bid.price),
            }
            for bid in track.bids
        ],
        "rejected": [{"bidder": one.bidder, "ground": one.ground} for one in track.rejected],
        "draws": track.draws,
        "evaluation": msgspec.to_builtins(result),
        "working": [{"zh": one.zh, "en": one.en} for one in explain_stage(state, track, disclosed)],
        "candidates": [row.bidder for row in result.rows if row.candidate],
    }
