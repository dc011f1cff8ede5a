"""What forging a session of version 4 takes: acts dropped, moved and put in, so that all else stays right."""

import json
import random
from collections.abc import Callable
from typing import Any

from protocol import canonical
from tests.attacks.forged_archive import b64
from tests.attacks.forged_sealed import ForgedSealed

Sealed = Callable[[random.Random, ForgedSealed], str]
EXPECTED: dict[Sealed, frozenset[str]] = {}
"""Forgery → the codes of the rules that may tell it."""
UNDECIDED: set[Sealed] = set()
"""Those that only take something away, so that a verdict may be undecided."""
DAY_MS = 86_400_000


def expects(*codes: str, undecided: bool = False) -> Callable[[Sealed], Sealed]:
    """Say which rule's meaning tells a forgery."""

    def note(forgery: Sealed) -> Sealed:
        EXPECTED[forgery] = frozenset(codes)
        if undecided:
            UNDECIDED.add(forgery)
        return forgery

    return note


def drop(of: ForgedSealed, *places: int) -> None:
    for at in sorted(places, reverse=True):
        del of.entries[at]
    # What only those acts named is let go as well, so that no disclosure tells of them.
    while True:
        text = json.dumps([of.entries, [one["value"] for one in of.disclosures]])
        kept = [one for one in of.disclosures if one["digest"] in text]
        if len(kept) == len(of.disclosures):
            return
        of.disclosures = kept


def move(of: ForgedSealed, at: int, to: int) -> None:
    """An entry to another place, times and its author's numbers made to fit."""
    of.entries.insert(to, of.entries.pop(at))
    first, last = min(at, to), max(at, to)
    times = sorted(of.entries[one]["at"] for one in range(first, last + 1))
    for place, time in zip(range(first, last + 1), times, strict=True):
        of.entries[place]["at"] = time
    numbered(of, of.entries[to]["command"]["author_key"])


def numbered(of: ForgedSealed, key: str) -> None:
    own = [one["command"] for one in of.entries if one["command"]["author_key"] == key]
    numbers = sorted(one["author_seq"] for one in own)
    for command, number in zip(own, numbers, strict=True):
        command["author_seq"] = number


def insert(of: ForgedSealed, at: int, like: int, **changes: Any) -> dict[str, Any]:
    """An act like another, by the same author or another, in front of a place."""
    one: dict[str, Any] = json.loads(json.dumps(of.entries[like]))
    one["at"] = of.entries[at - 1]["at"]
    command = one["command"]
    command["command_id"] = f"again-{len(of.entries)}"
    key = command["author_key"] = changes.get("author_key", command["author_key"])
    before = [e["command"]["author_seq"] for e in of.entries[:at] if e["command"]["author_key"] == key]
    after = [e["command"] for e in of.entries[at:] if e["command"]["author_key"] == key]
    counts = any(before)  # the installation's own acts bear no number
    command["author_seq"] = before[-1] + 1 if counts else int(not before)
    for each in after:
        each["author_seq"] += counts
    of.entries.insert(at, one)
    return one


def both(of: ForgedSealed, at: int, **changes: Any) -> None:
    """Change an act's content, and its event as it would follow."""
    content = of.entries[at]["command"]["content"]
    content |= changes
    event = of.entries[at]["events"][0]
    event |= {name: value for name, value in changes.items() if name in event}


def member(dice: random.Random, of: ForgedSealed) -> str:
    keys = {of.entries[at]["command"]["author_key"] for at in of.places("SealSheet")}
    return dice.choice(sorted(seat for seat in ("M1", "M2", "M3", "M4", "M5") if of.key_of(seat) in keys))


def voice(of: ForgedSealed, seat: str) -> int:
    return of.by("DelegateSeatKey", seat)[-1]


def stated(dice: random.Random, of: ForgedSealed) -> str:
    """A statement that is disclosed; its digest."""
    salt, value = dice.randbytes(32), canonical.encode("说明")
    digest = b64(canonical.sha256(canonical.tag("hidden/v1/statement") + salt + value))
    of.disclosures.append(
        {"digest": digest, "field": "statement", "salt": b64(salt), "value": value.decode()}
    )
    return digest
