"""How a trust policy follows from an installation, and one for many logs becomes a session's (SPEC 20.3, 27).

Owns the live quorum of more than two thirds, the step from the name of a log to the origin of a session, and
the digest by which genesis names a policy. Must not know where a policy lies, or who configured it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from protocol import canonical
from protocol.ledger import quorum
from protocol.ledger.note import Key
from protocol.ledger.quorum import Group, Party, Policy

LIVE: Final = "live"
"""The group of cosigners of whom more than two thirds have to sign."""


def live(log: Party, cosigners: Iterable[tuple[str, tuple[Key, ...], str]]) -> Policy:
    """The policy under which more than two thirds of the cosigners have to sign, each with all its keys.

    Args:
      log: the log.
      cosigners: name, keys and where it is, of each; of a second key on, each is a line of its own that
        must not be missing.
    """
    parties: list[Party] = []
    groups: list[Group] = []
    votes: list[str] = []
    for name, keys, url in cosigners:
        lines = [Party(name if n == 0 else f"{name}-{n + 1}", key, url) for n, key in enumerate(keys)]
        parties += lines
        if len(lines) == 1:
            votes.append(name)
        else:
            groups.append(Group(f"{name}-all", len(lines), tuple(one.name for one in lines)))
            votes.append(f"{name}-all")
    if not votes:
        return Policy((log,), (), (), quorum.NONE)
    groups.append(Group(LIVE, 2 * len(votes) // 3 + 1, tuple(votes)))
    return Policy((log,), tuple(parties), tuple(groups), LIVE)


def of_session(family: Policy, session: str) -> Policy:
    """The policy of one session's log, out of one whose logs bear the names below which they lie."""
    logs = []
    for one in family.logs:
        origin = f"{one.name}/{session}"
        logs.append(Party(origin, Key(origin, one.key.kind, one.key.public), ""))
    return replace(family, logs=tuple(logs))


def text(policy: Policy) -> str:
    """The policy in its one form: no remarks, no addresses."""
    logs = tuple(replace(one, url="") for one in policy.logs)
    cosigners = tuple(replace(one, url="") for one in policy.cosigners)
    return quorum.write(replace(policy, logs=logs, cosigners=cosigners))


def digest(policy: Policy) -> bytes:
    """What genesis names a policy by: SHA-256 of the file in its one form."""
    return canonical.sha256(text(policy).encode("utf-8", "surrogateescape"))
