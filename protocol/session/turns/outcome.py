"""What the group adds to an outcome (SPEC 9, 17): values that tell the same for every undisturbed run.

Left out as everywhere: times, texts, and how long anything stood still.
"""

from typing import Any

from protocol.hidden import CorrectedScores, Disclosed
from protocol.session.disclosing import OutcomeWithheld
from protocol.session.state import State, Track
from protocol.session.turns.state import VoidCommittee


def of_session(state: State, disclosed: Disclosed) -> dict[str, Any]:
    """Fields of the outcome itself; `disclosed` is not needed."""
    turns = state.turns
    return {
        "deemed": sorted(turns.deemed),
        "dissents": sorted(turns.dissents),
        "failure": turns.failure,
        "reevaluations": [[one.phase, one.ground] for one in turns.reevaluations],
        "refused": sorted(turns.refused),
        "suspended": [
            {"phase": one.phase, "reason": one.reason, "resumed": one.resumed} for one in turns.suspended
        ],
        "void": [_void(one) for one in turns.void],
    }


def of_stage(state: State, track: Track, disclosed: Disclosed) -> dict[str, Any]:
    """Fields of one stage of the outcome.

    Raises:
      OutcomeWithheld: a correction is not disclosed.
    """
    turns = track.turns
    return {
        "abnormal": sorted([one.seat, one.bidder, one.criterion] for one in turns.abnormal if one.found),
        "corrections": [
            {"ground": one.ground, "scores": _scores(disclosed, one.digest), "seat": one.seat}
            for one in turns.corrections
        ],
        "explained": sorted([one.seat, one.bidder, one.criterion] for one in turns.explained),
        "decided": dict(turns.decided),
        "failure": turns.failure,
        "objections": sorted(one.bidder for one in turns.objections),
        "passing": list(turns.passing),
        "rechecks": turns.rechecks,
    }


def _void(one: VoidCommittee) -> dict[str, Any]:
    return {
        "path": list(one.path),
        "reason": one.reason,
        "roster": list(one.roster),
        "stages": [
            {
                "envelope": stage.envelope,
                "lot": stage.lot,
                "path": list(stage.path),
                "round": stage.round,
                "sealed": sorted(stage.sheets),
            }
            for stage in one.stages
        ],
    }


def _scores(disclosed: Disclosed, digest: bytes) -> dict[str, dict[str, int]]:
    try:
        found: CorrectedScores = disclosed.value(digest, CorrectedScores)
    except KeyError as error:
        raise OutcomeWithheld("corrected_scores") from error
    return found.scores
