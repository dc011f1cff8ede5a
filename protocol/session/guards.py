"""Guards: what must hold before a track goes on, each answered in words when it does not.

A guard reads public state only. It gives None when it holds, otherwise the refusal that
tells who or what is awaited. Sources stand with each guard.
"""

from collections.abc import Iterable

from protocol.refusals import Refusal, refuse
from protocol.session.asked import Guard
from protocol.session.ceremony.guards import GUARDS as CEREMONY
from protocol.session.committee.guards import GUARDS as COMMITTEE
from protocol.session.escrow.guards import GUARDS as ESCROW
from protocol.session.oversight.guards import GUARDS as OVERSIGHT
from protocol.session.phases import SESSION_ORDER, STAGE_ORDER, reached
from protocol.session.review.guards import GUARDS as REVIEW
from protocol.session.signatures.guards import GUARDS as SIGNATURES
from protocol.session.state import State, Track, members
from protocol.session.turns.guards import GUARDS as TURNS
from protocol.words import track_name


def _unmet(zh: str, en: str) -> Refusal:
    return refuse("GuardUnmet", zh=zh, en=en)


def _names(seats: Iterable[str]) -> str:
    return ", ".join(seats)


def first_envelopes_opened(state: State, track: Track | None) -> Refusal | None:
    """Every lot's first envelope is open, or has failed (20号令 30; DOMAIN 1: 4-6)."""
    waiting = []
    for lot in state.lots:
        one = state.tracks[track_name(lot.lot, lot.envelopes[0])]
        if one.phase != "FAILED" and not reached(STAGE_ORDER, one.phase, "OPENED"):
            waiting.append(one.name)
    if waiting:
        return _unmet(f"标段 {_names(waiting)} 尚未开标", f"not opened yet: {_names(waiting)}")
    return None


def members_checked_in(state: State, track: Track | None) -> Refusal | None:
    """Every member signed the undertaking and declared on recusal (87号令 45; 12号令 12)."""
    waiting = [seat.seat for seat in members(state) if not seat.checked_in]
    if waiting:
        return _unmet(f"{_names(waiting)} 尚未签到", f"not checked in: {_names(waiting)}")
    return None


def committee_lawful(state: State, track: Track | None) -> Refusal | None:
    """Size, odd number and two thirds of experts (招标投标法 37; 12号令 9; 87号令 47)."""
    seats = members(state)
    size = len(seats)
    experts = sum(1 for seat in seats if seat.kind == "expert")
    if size < state.committee_size_min:
        return refuse("CommitteeTooSmall", size=size, needed=state.committee_size_min)
    if state.committee_odd and size % 2 == 0:
        return refuse("CommitteeEven", size=size)
    if state.experts_den * experts < state.experts_num * size:
        share = f"{state.experts_num}/{state.experts_den}"
        return refuse("CommitteeRatio", experts=experts, size=size, share=share)
    return None


def stages_ranked(state: State, track: Track | None) -> Refusal | None:
    """Every lot's envelopes are ranked, or have failed."""
    waiting = [t.name for t in state.tracks.values() if t.phase not in ("RANKED", "FAILED")]
    if waiting:
        return _unmet(f"标段 {_names(waiting)} 尚未排序", f"not ranked yet: {_names(waiting)}")
    return None


def members_signed(state: State, track: Track | None) -> Refusal | None:
    """Every member has signed the report (实施条例 53; 12号令 43)."""
    waiting = [seat.seat for seat in members(state) if not seat.signed]
    if waiting:
        return _unmet(f"{_names(waiting)} 尚未签署评标报告", f"not signed yet: {_names(waiting)}")
    return None


def committee_drawn(state: State, track: Track | None) -> Refusal | None:
    """The committee is fixed before opening (12号令 8)."""
    if not reached(SESSION_ORDER, state.phase, "DRAWN"):
        return _unmet("评标委员会尚未抽取", "the committee is not drawn yet")
    return None


def earlier_envelope(state: State, track: Track | None) -> Refusal | None:
    """A lot's next envelope opens after the one before is ranked (双信封)."""
    assert track is not None
    envelopes = next(lot.envelopes for lot in state.lots if lot.lot == track.lot)
    for envelope in envelopes[: envelopes.index(track.envelope)]:
        if state.tracks[track_name(track.lot, envelope)].phase != "RANKED":
            return _unmet(f"信封 {envelope} 尚未评审完毕", f"envelope {envelope} is not ranked yet")
    return None


def committee_ready(state: State, track: Track | None) -> Refusal | None:
    """Review begins with a locked committee (87号令 45)."""
    if state.phase != "COMMITTEE_READY":
        return _unmet("评标委员会尚未就绪", "the committee is not ready")
    return None


def members_sealed(state: State, track: Track | None) -> Refusal | None:
    """No close while a rostered seat is neither accepted nor removed (DESIGN 1.8; 12号令 13)."""
    assert track is not None
    waiting = [seat.seat for seat in members(state) if seat.seat not in track.sheets]
    if waiting:
        return _unmet(f"{_names(waiting)} 尚未封存评分", f"not sealed yet: {_names(waiting)}")
    return None


def tally_published(state: State, track: Track | None) -> Refusal | None:
    """The evaluation is computed and stands in the record."""
    assert track is not None
    if not track.tally:
        return _unmet("尚未汇总", "the scores are not aggregated yet")
    return None


GUARDS: dict[str, Guard] = COMMITTEE | REVIEW | TURNS | CEREMONY | ESCROW | SIGNATURES | OVERSIGHT | {
    guard.__name__: guard
    for guard in (
        first_envelopes_opened, members_checked_in, committee_lawful, stages_ranked,
        members_signed, committee_drawn, earlier_envelope, committee_ready, members_sealed,
        tally_published,
    )
}  # fmt: skip
"""Guards by the names that the phase table uses."""
