"""Trust policies (信任策略): which logs and cosigners are known, and which of them together are enough.

Owns the policy's text, and the judgement of a checkpoint under it. Must not know where a policy comes from;
it must come from outside whatever it judges. A line that is required beside another (an SM2 line beside
the Ed25519 one) is a witness of its own in a group `all` with it, so that a missing one is invalid.

Source: C2SP tlog-policy (5ba5ee8). Its word *witness* is our cosigner: a witness is a person in this house.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

import msgspec

from protocol import limits
from protocol.ledger import checkpoint, note
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.note import Key, Note, NoteError

NONE: Final = "none"
"""The quorum that asks for no cosignature, and so no name of anything."""

OURS: Final = "#tongchang/"
"""How our own lines begin, which any other reader passes over as remarks."""
_TRUST_LIST: Final = f"{OURS}trust-list"
_TIME_STAMP: Final = f"{OURS}time-stamp"
_KEY: Final = re.compile(r"[a-z0-9-]{2,32}:[A-Za-z0-9+/]+={0,2}", re.ASCII)
_AUTHORITY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_COUNT: Final = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_ALLOWED: Final = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*")
_BLANK: Final = re.compile(r"[ \t]+")


class PolicyError(ValueError):
    """The text is no trust policy; the message names the line."""


class NotEnough(NoteError):
    """The log has signed, but those who cosigned are no quorum; `missing` names cosigners who have not."""

    def __init__(self, head: Checkpoint, missing: tuple[str, ...]) -> None:
        """Name the head and who is missing."""
        self.head = head
        self.missing = missing
        super().__init__(
            f"no quorum for size {head.size} of {head.origin}; without: {', '.join(missing) or 'nobody'}"
        )


class Party(msgspec.Struct, frozen=True):
    """A log or a cosigner as a policy lists it. A log's `name` is its origin; `url` may be empty."""

    name: str
    key: Key
    url: str


class Group(msgspec.Struct, frozen=True):
    """`least` of `members`, which are cosigners or groups that stand before it."""

    name: str
    least: int
    members: tuple[str, ...]


class ListSigners(msgspec.Struct, frozen=True):
    """By whom a trust list has to be signed that certificates are judged by (SPEC 20.3, 24.1)."""

    needed: int
    keys: tuple[str, ...]


class Policy(msgspec.Struct, frozen=True):
    """A whole policy; groups stand in an order in which each can be judged.

    `list_signers` is None where the policy says nothing of certificates; `stampers` are the ids of those
    authorities by one of which the final head's time-stamp is, none where none is asked for.
    """

    logs: tuple[Party, ...]
    cosigners: tuple[Party, ...]
    groups: tuple[Group, ...]
    quorum: str
    list_signers: ListSigners | None = None
    stampers: tuple[str, ...] = ()

    def is_met(self, cosigned: Iterable[str]) -> bool:
        """Whether these cosigners, by the policy's names, are a quorum."""
        met = {*cosigned} & {one.name for one in self.cosigners}
        for group in self.groups:
            if sum(member in met for member in group.members) >= group.least:
                met.add(group.name)
        return self.quorum == NONE or self.quorum in met

    def awaits(self, names: Collection[str]) -> bool:
        """Whether no milestone is reached without these cosigners, whoever else has cosigned (硬等待)."""
        return not self.is_met(one.name for one in self.cosigners if one.name not in names)


class Judged(msgspec.Struct, frozen=True):
    """A checkpoint that a policy holds good; `cosigned` are the cosigners under it, in the policy's order."""

    head: Checkpoint
    note: Note
    cosigned: tuple[str, ...]


def judge(text: str | bytes, policy: Policy) -> Judged:
    """Open a checkpoint that one of the policy's logs has signed and a quorum has cosigned.

    Raises:
      NotEnough: everything holds, but the cosigners are no quorum.
      NoteError: out of form, not signed by a log of the policy, or a line by a known key does not hold.
    """
    judged = look(text, policy)
    if not policy.is_met(judged.cosigned):
        missing = (one.name for one in policy.cosigners if one.name not in judged.cosigned)
        raise NotEnough(judged.head, tuple(missing))
    return judged


def look(text: str | bytes, policy: Policy) -> Judged:
    """As `judge`, but say who has cosigned whether or not that is a quorum.

    Raises:
      NoteError: out of form, not signed by a log of the policy, or a line by a known key does not hold.
    """
    cosigners = tuple(one.key for one in policy.cosigners)
    head, opened = checkpoint.open_checkpoint(text, tuple(one.key for one in policy.logs), cosigners)
    cosigned = tuple(one.name for one in policy.cosigners if opened.by(one.key) is not None)
    return Judged(head, opened, cosigned)


# --- reading ------------------------------------------------------------------------------------------------


class _Reading:
    """What a policy's lines have said so far."""

    def __init__(self) -> None:
        self.logs: list[Party] = []
        self.cosigners: list[Party] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self.named: set[str] = set()
        self.placed: set[str] = set()
        self.list_signers: ListSigners | None = None
        self.stampers: tuple[str, ...] = ()

    def own(self, words: list[str]) -> None:
        """A line of ours; one that is of a later day is passed over."""
        match words:
            case [word, needed, *keys] if word == _TRUST_LIST and self.list_signers is None:
                count = int(needed) if _COUNT.fullmatch(needed) else 0
                if not 1 <= count <= len(keys) or any(_KEY.fullmatch(key) is None for key in keys):
                    raise PolicyError("a trust list's signers are a number and at least so many keys")
                if keys != sorted(set(keys)):
                    raise PolicyError("a trust list's signers stand in their order, each once")
                self.list_signers = ListSigners(count, tuple(keys))
            case [word, *names] if word == _TIME_STAMP and names and not self.stampers:
                if any(_AUTHORITY.fullmatch(name) is None for name in names):
                    raise PolicyError("a time-stamp's authority is an id")
                self.stampers = tuple(names)
            case [word, *_] if word in (_TRUST_LIST, _TIME_STAMP):
                raise PolicyError(f"{word} stands twice, or without anything")

    def line(self, words: list[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                key = note.read_vkey(vkey)
                self._once(key, self.logs)
                self.logs.append(Party(key.name, key, *(url or [""])))
            case ["witness", name, vkey, *url] if len(url) <= 1:
                key = note.read_vkey(vkey)
                if not key.is_timed:
                    raise PolicyError(f"the key of {name} is not a cosigner's")
                self._once(key, self.cosigners)
                self.cosigners.append(Party(self._new(name), key, *(url or [""])))
            case ["group", name, least, *members] if members:
                self._group(name, least, members)
            case ["quorum", name]:
                if self.quorum is not None:
                    raise PolicyError("a second quorum")
                if name != NONE and name not in self.named:
                    raise PolicyError(f"the quorum {name} has not been defined")
                self.quorum = name
            case _:
                raise PolicyError("neither log, witness, group nor quorum in its form")

    def _group(self, name: str, least: str, members: list[str]) -> None:
        count = {"all": len(members), "any": 1}.get(least)
        if count is None:
            count = int(least) if _COUNT.fullmatch(least) else 0
        if not 1 <= count <= len(members):
            raise PolicyError(f"{least!r} of {len(members)} members can never or always be met")
        for member in members:
            if member not in self.named:
                raise PolicyError(f"the member {member} has not been defined")
            if member in self.placed:
                raise PolicyError(f"{member} is a member already, and counts once")
            self.placed.add(member)
        self.groups.append(Group(self._new(name), count, tuple(members)))

    def _new(self, name: str) -> str:
        if name == NONE or name in self.named:
            raise PolicyError(f"the name {name} is taken")
        self.named.add(name)
        return name

    @staticmethod
    def _once(key: Key, among: list[Party]) -> None:
        if any(one.key.public == key.public for one in among):
            raise PolicyError(f"the key of {key.name} stands twice")


def read(text: str | bytes) -> Policy:
    """The policy in a text.

    Raises:
      PolicyError: anything in it is out of form; the message begins with the number of the line.
    """
    raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    if len(raw) > limits.TRUST_POLICY_BYTES_MAX:
        raise PolicyError(f"{len(raw)} bytes, at most {limits.TRUST_POLICY_BYTES_MAX}")
    if _ALLOWED.fullmatch(raw) is None:
        raise PolicyError("a policy holds no control characters but tab and line feed")
    if not raw.endswith(b"\n"):
        raise PolicyError("the last line is cut short: it ends without a line feed")
    lines = raw[:-1].split(b"\n")
    if len(lines) > limits.TRUST_POLICY_LINES_MAX:
        raise PolicyError(f"{len(lines)} lines, at most {limits.TRUST_POLICY_LINES_MAX}")
    reading = _Reading()
    for number, line in enumerate(lines, start=1):
        # Names are opaque octets: they are carried as they are, whether or not they are UTF-8.
        stripped = line.decode("utf-8", "surrogateescape").strip(" \t")
        is_ours = stripped.startswith(OURS)
        if not stripped or (stripped.startswith("#") and not is_ours):
            continue
        try:
            (reading.own if is_ours else reading.line)(_BLANK.split(stripped))
        except (PolicyError, NoteError) as error:
            raise PolicyError(f"line {number}: {error}") from error
    if reading.quorum is None:
        raise PolicyError("no quorum")
    return Policy(
        tuple(reading.logs), tuple(reading.cosigners), tuple(reading.groups), reading.quorum,
        reading.list_signers, reading.stampers,
    )  # fmt: skip


def write(policy: Policy, remarks: Mapping[str, str] | None = None) -> str:
    """The policy as text; `remarks` (name → one line) stand above the line that defines the name."""
    lines: list[str] = []

    def put(name: str, *words: str) -> None:
        if remarks and name in remarks:
            lines.append(f"# {remarks[name]}")
        lines.append(" ".join(word for word in words if word))

    for log in policy.logs:
        put(log.name, "log", log.key.vkey, log.url)
    for one in policy.cosigners:
        put(one.name, "witness", one.name, one.key.vkey, one.url)
    for group in policy.groups:
        put(group.name, "group", group.name, str(group.least), *group.members)
    put(policy.quorum if policy.quorum == NONE else "", "quorum", policy.quorum)
    if policy.list_signers is not None:
        put("", _TRUST_LIST, str(policy.list_signers.needed), *policy.list_signers.keys)
    if policy.stampers:
        put("", _TIME_STAMP, *policy.stampers)
    return "".join(line + "\n" for line in lines)
