"""The outcome: what an evaluation came to, apart from how the lines behaved (DESIGN 9).

Canonical bytes of regime, rules, roster, bids, preliminary results, drawn rates, sheets,
votes, tally with its ranking, signatures given, phase paths, and each person's order of
accepted acts. Left out: session id, times, seqs, command ids, nonces and salts, keys and
signatures, entropy, bindings of keys, milestones, overruns, noted refusals, names of
people and firms, sources, and the acts of nodes and of the installation (SPEC 9).

Two runs of the same evaluation have the same outcome, whatever was cut or killed between.
"""

from typing import Any

import msgspec

from protocol import canonical
from protocol.hidden import Disclosed, Opening
from protocol.methods.evaluation import Evaluation
from protocol.session.committee import outcome as committee
from protocol.session.disclosing import OutcomeWithheld
from protocol.session.phases import RULES
from protocol.session.review import outcome as review
from protocol.session.state import State, Track
from protocol.session.tally import PriceText
from protocol.session.turns import outcome as turns

__all__ = ["OutcomeWithheld", "evaluation", "outcome", "outcome_digest"]

_GROUPS = (committee, review, turns)
"""What rules version 3 adds; versions 1 and 2 tell the same as ever."""


def outcome(state: State, disclosed: Disclosed) -> bytes:
    """Canonical bytes of the outcome of a session so far.

    Raises:
      OutcomeWithheld: an opened sheet, a price or a published tally is not disclosed.
    """
    seats = [state.seats[seat] for seat in state.roster]
    told: dict[str, Any] = {
        "v": 1,
        "regime": state.regime,
        "rules_version": state.rules_version,
        "path": state.path,
        "roster": [{"seat": s.seat, "venue": s.venue, "kind": s.kind, "signed": s.signed} for s in seats],
        "stages": [_stage(state, track, disclosed) for _, track in sorted(state.tracks.items())],
        "votes": [],
        "orders": {
            seat: {"count": order.count, "chain": order.chain.hex()} for seat, order in state.orders.items()
        },
    }
    if RULES[state.rules_version].grown:
        for group in _GROUPS:
            told |= group.of_session(state, disclosed)
    return canonical.encode(told)


def outcome_digest(state: State, disclosed: Disclosed) -> bytes:
    """SHA-256 over the tag `outcome/v1` and the outcome's canonical bytes, 32 bytes.

    Raises:
      OutcomeWithheld: as `outcome`.
    """
    return canonical.sha256(canonical.tag("outcome/v1") + outcome(state, disclosed))


def evaluation(track: Track, disclosed: Disclosed) -> Evaluation | None:
    """The published evaluation of a stage, or None before there is one.

    Raises:
      OutcomeWithheld: it is published, but not disclosed here.
    """
    if not track.tally:
        return None
    found: Evaluation = _value(disclosed, track.tally, Evaluation, f"tally of {track.name}")
    return found


def _stage(state: State, track: Track, disclosed: Disclosed) -> dict[str, Any]:
    result = evaluation(track, disclosed)
    told: dict[str, Any] = {
        "lot": track.lot,
        "envelope": track.envelope,
        "round": track.round,
        "path": track.path,
        "bids": [
            {
                "bidder": bid.bidder,
                "code": bid.code,
                "price": _value(disclosed, bid.price, PriceText, f"price of {bid.code}"),
                "quantities": _value(disclosed, bid.quantities, dict[str, str], "quantities"),
            }
            for bid in sorted(track.bids, key=lambda bid: bid.bidder)
        ],
        "valid": sorted(track.valid),
        "rejected": sorted((one.bidder, one.ground) for one in track.rejected),
        "draws": track.draws,
        "sealed": sorted(track.sheets),
        "sheets": {seat: _scores(state, track, seat, disclosed) for seat in track.sheets if _all_open(track)},
        "tally": None if result is None else msgspec.to_builtins(result),
    }
    if RULES[state.rules_version].grown:
        try:
            for group in _GROUPS:
                told |= group.of_stage(state, track, disclosed)
        except KeyError as error:
            raise OutcomeWithheld(f"version 3's part of {track.name}") from error
    return told


def _all_open(track: Track) -> bool:
    return bool(track.sheets) and all(sheet.opened for sheet in track.sheets.values())


def _scores(state: State, track: Track, seat: str, disclosed: Disclosed) -> dict[str, dict[str, int]]:
    digest = track.sheets[seat].commitment
    opening: Opening = _value(disclosed, digest, Opening, f"sheet of {seat}")
    assert opening.session == state.session
    return {bidder: opening.scores[bidder] for bidder in track.valid}


def _value(disclosed: Disclosed, digest: bytes, as_type: Any, name: str) -> Any:
    try:
        return disclosed.value(digest, as_type)
    except KeyError as error:
        raise OutcomeWithheld(name) from error
