"""The evaluation report, machine-readable: built from the record and what it discloses, alone.

A first version: basic facts, committee by seat, opened bids, rejections, each lot's comparison and
ranking, candidates. The ten items of 12号令 42 and the typeset document follow with the desk that
drafts it. Numbers are the tally's own texts; nothing is computed here.
"""

from typing import Any

import msgspec

from protocol.hidden import Disclosed
from protocol.plan.plan import Plan
from protocol.refusals import Refusal, refuse
from protocol.session.outcome import OutcomeWithheld, evaluation
from protocol.session.state import State, Track, members
from protocol.session.tally import explain_stage


def build(state: State, disclosed: Disclosed) -> dict[str, Any] | Refusal:
    """The report's value, canonical, or which disclosure is missing.

    Args:
      state: every stage ranked.
      disclosed: plan, prices, names where they may be shown, sheets and tallies.
    """
    plan: Plan | None = disclosed.get_value(state.plan, Plan)
    if plan is None:
        return refuse("DisclosureMissing", field="plan")
    try:
        lots = [_lot(state, track, disclosed) for _, track in sorted(state.tracks.items())]
    except OutcomeWithheld as withheld:
        return refuse("DisclosureMissing", field=str(withheld))
    return {
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
