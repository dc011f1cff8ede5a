"""Whether a key may do what it is about to: delegated, in time, and its certificate not revoked (SPEC 19.6).

Owns the rule that a one-time code never suffices for a score, a vote or a signature, and that a revocation
acts from its `seq`: acts before stand. Public fields only; what the evidence says is `checks`'s.
"""

from protocol.refusals import Refusal, refuse
from protocol.seal.trust import moment
from protocol.session.identity.rows import SIGNED
from protocol.session.identity.state import Delegated
from protocol.session.state import Speaker, State


def fault(state: State, type_: str, key: str, who: Speaker, at: int) -> Refusal | None:
    """Why an act by a known key of a person is not taken; None where it may go on.

    Args:
      state: as of before the act, under rules that have this group.
      type_: the act's.
      key: its author's.
      who: for whom that key speaks.
      at: when it would be entered, ms.

    Returns:
      Refusal: `CertificateRevoked` for every act but a new delegation; for signed ones `VoiceAwaited`,
        `DelegationEnded`.
    """
    if who.role in ("installation", "venue") or type_ == "DelegateSeatKey":
        return None
    found = state.identity.delegated.get(key)
    if found is not None and found.revoked_seq:
        return refuse("CertificateRevoked", subject=who.seat, at=moment.text(found.revoked_since))
    if type_ not in SIGNED:
        return None
    if found is None:
        return refuse("VoiceAwaited", seat=who.seat)
    if at >= found.until:
        return refuse("DelegationEnded", seat=who.seat, at=moment.text(found.until))
    return None


def doubtful(state: State, key: str, acts: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    """The `seq`s of acts by a key that stand and were entered after its certificate was revoked.

    Args:
      state: the session's.
      key: whose acts.
      acts: `seq` and clock (ms) of each.
    """
    found: Delegated | None = state.identity.delegated.get(key)
    if found is None or not found.revoked_seq:
        return ()
    return tuple(seq for seq, at in acts if at >= found.revoked_since and seq < found.revoked_seq)
