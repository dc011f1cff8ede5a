"""Conditions under which the group's moves go on, by the names that its rows use."""

from protocol.refusals import Refusal, refuse
from protocol.session.asked import Guard
from protocol.session.ceremony import reading
from protocol.session.state import State, Track


def custodians_appointed(state: State, track: Track | None) -> Refusal | None:
    """Who holds shares is known before the opening begins, as the tender document says (20号令 28)."""
    assert track is not None
    if reading.of(state, track).groups:
        return None
    return refuse("GuardUnmet", zh="尚未公布密钥托管方", en="the custodians are not appointed yet")


def opening_keys_offered(state: State, track: Track | None) -> Refusal | None:
    """The main venue has a key of the project's suite; venues without one read what others opened."""
    assert track is not None
    suite = reading.of(state, track).suite
    main = next((venue.venue for venue in state.venues.values() if venue.role == "main"), "")
    key = state.ceremony.keys.get(main)
    if key is not None and key.suite == suite and not key.destroyed:
        return None
    return refuse("GuardUnmet", zh="主场尚未公布开标密钥", en="the main venue has offered no opening key yet")


def custodians_answered(state: State, track: Track | None) -> Refusal | None:
    """Of every group so many services have answered that a bid can be opened at all."""
    assert track is not None
    found = reading.of(state, track)
    short = ", ".join(reading.short_of(found, found.answered))
    if not short:
        return None
    return refuse("CustodiansTooFew", groups=short)


def decrypted_alike(state: State, track: Track | None) -> Refusal | None:
    """The main venue, and another one where another has a key, have found the same (DESIGN 6)."""
    assert track is not None
    found = reading.of(state, track)
    main = {venue.venue for venue in state.venues.values() if venue.role == "main"}
    if not main & found.reports.keys():
        return refuse("GuardUnmet", zh="主场尚未报告解密结果", en="the main venue has not reported yet")
    if len(found.reports) < min(2, len(found.to)):
        return refuse("GuardUnmet", zh="另一会场尚未报告解密结果", en="no second venue has reported yet")
    digests = {venue: one.digest for venue, one in found.reports.items()}
    if len(set(digests.values())) > 1:
        return refuse("DigestsUnequal", venues=", ".join(sorted(digests)))
    return None


def failures_recorded(state: State, track: Track | None) -> Refusal | None:
    """Every bid that was received and not opened is accounted for (20号令 31)."""
    assert track is not None
    found = reading.of(state, track)
    waiting = ", ".join(bid for bid in reading.unopened(found) if bid not in found.failures)
    if not waiting:
        return None
    return refuse(
        "GuardUnmet", zh=f"{waiting} 未开启,原因尚未记录", en=f"not opened, and not said why: {waiting}"
    )


GUARDS: dict[str, Guard] = {
    guard.__name__: guard
    for guard in (
        custodians_appointed, opening_keys_offered, custodians_answered, decrypted_alike, failures_recorded,
    )
}  # fmt: skip
