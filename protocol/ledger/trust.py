"""How a trust policy follows from an installation, and one for many logs becomes a session's (SPEC 20.3, 27).

Owns the live quorum of more than two thirds, the step from the name of a log to the origin of a session, and
the digest by which genesis names a policy. Must not know where a policy lies, or who configured it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from protocol import canonical
from protocol.ledger import quorum
from protocol.ledger.note import Key
from protocol.ledger.quorum import Group, Party, Policy

LIVE: Final = "live"
"""The group of votes of which more than two thirds have to be there."""

REST: Final = "rest"
"""Where some are waited for however long: the others, of whom so many more have to be there."""


def live(
    log: Party,
    cosigners: Iterable[tuple[str, tuple[Key, ...], str]],
    beside: Mapping[str, str] | None = None,
    hard: Collection[str] = (),
) -> Policy:
    """The policy under which more than two thirds of the votes have to be there, each with all its lines.

    Args:
      log: the log.
      cosigners: name, keys and where it is, of each; of a second key on, each is a line of its own that
        must not be missing.
      beside: a cosigner that has no vote of its own → the one whose vote is there only with its line.
      hard: those whose vote must be there, whoever else's is (硬等待).
    """
    parties: list[Party] = []
    votes: dict[str, list[str]] = {}
    for name, keys, url in cosigners:
        lines = [Party(name if n == 0 else f"{name}-{n + 1}", key, url) for n, key in enumerate(keys)]
        parties += lines
        votes.setdefault((beside or {}).get(name, name), []).extend(one.name for one in lines)
    if not votes:
        return Policy((log,), (), (), quorum.NONE)
    groups = [Group(f"{name}-all", len(lines), tuple(lines)) for name, lines in votes.items() if lines[1:]]
    members = {name: f"{name}-all" if lines[1:] else name for name, lines in votes.items()}
    least = 2 * len(votes) // 3 + 1
    awaited = tuple(member for name, member in members.items() if name in hard)
    if awaited:
        # A name stands in one group at most: so many of the rest as the live quorum leaves to it.
        rest = tuple(one for one in members.values() if one not in awaited)
        left = max(least - len(awaited), 0)
        groups += [Group(REST, left, rest)] if left else []
        groups.append(Group(LIVE, len(awaited) + bool(left), (*awaited, *((REST,) if left else ()))))
    else:
        groups.append(Group(LIVE, least, tuple(members.values())))
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
