"""A cosigner that replays (重放联署): it vouches for a head once it has decided every entry again itself.

Owns what such a cosigner holds of one session (all entries, the disclosures that it was given), and whether
a head may be cosigned: the author's signature of each entry, the rules by replay, hidden inputs as far as
they are disclosed, and the provinces' signatures under the policy that genesis names. Its key is another
than that of the cosigner who only checks consistency. Must not know where entries come from, or HTTP.
Source: SPEC 27.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from protocol import canonical, commands, entry
from protocol.commands import BookSession, ProvinceSignature
from protocol.hidden import Disclosed, Disclosure
from protocol.ledger import tree
from protocol.ledger.levels import Levels
from protocol.seal import signing
from protocol.session.apply import EntryRefused, replay_one
from protocol.session.checks import check
from protocol.session.phases import RULES
from protocol.session.state import State

_NOT_HERE = "DisclosureMissing"
"""A finding that says only that a hidden value is not known here yet."""


class Fault(Struct, frozen=True):
    """Why nothing of a session is cosigned any more: the rule's code, and the entry."""

    code: str
    seq: int


class ReplayCosigner:
    """Replays one session."""

    def __init__(self, session: str, provinces: Mapping[str, str]) -> None:
        """Hold nothing yet.

        Args:
          session: its id.
          provinces: province → key whose signature genesis has to carry, as configured beforehand.
        """
        self.session = session
        self.state: State | None = None
        self.fault: Fault | None = None
        self._provinces = dict(provinces)
        self._tree = Levels()
        self._disclosed = Disclosed()
        self._open: list[tuple[State | None, entry.Entry]] = []
        """Entries some of whose hidden inputs were not disclosed yet, each with the state before it."""

    @property
    def size(self) -> int:
        """How many entries were replayed and found right."""
        return self._tree.size

    def take(self, raws: Iterable[bytes]) -> Fault | None:
        """Replay the entries that follow; the first that is not right ends the session for this cosigner."""
        for raw in raws:
            if self.fault is not None:
                return self.fault
            self._take(raw)
        return self.fault

    def disclose(self, disclosures: Iterable[Disclosure]) -> Fault | None:
        """Take hidden values as they are disclosed, and check again what hung on them."""
        self._disclosed = self._disclosed.plus(disclosures)
        waiting, self._open = self._open, []
        for before, one in waiting:
            self._look(before, one)
        return self.fault

    def may_cosign(self, size: int, root: bytes) -> bool:
        """Whether a head is over entries that were all replayed here and found right."""
        return self.fault is None and 0 < size <= self.size and self._tree.root(size) == root

    def _take(self, raw: bytes) -> None:
        seq, before = self.size, self.state
        try:
            one = entry.decode(raw)
            if one.session != self.session:
                self.fault = Fault("WrongSession", seq)
                return
            after = replay_one(before, one, raw)
        except (canonical.NotCanonical, commands.UnknownContent):
            self.fault = Fault("Malformed", seq)
            return
        except EntryRefused as error:
            self.fault = Fault(error.code, seq)
            return
        if before is None and isinstance(one.command.content, BookSession):
            code = genesis_fault(self.session, one.command.content, self._provinces)
            if code:
                self.fault = Fault(code, seq)
                return
        self._look(before, one)
        if self.fault is None:
            self.state = after
            self._tree.append(tree.leaf_hash(raw))

    def _look(self, before: State | None, one: entry.Entry) -> None:
        """Check hidden inputs, as far as they are known here."""
        findings = check(before, one.command, self._disclosed)
        wrong = next((finding.code for finding in findings if finding.code != _NOT_HERE), None)
        if wrong is not None:
            self.fault = self.fault or Fault(wrong, one.seq)
        elif findings:
            self._open.append((before, one))


def province_bytes(session: str, province: str, policy_digest: bytes) -> bytes:
    """What a province signs before a session: that its milestones are judged by this policy (SPEC 27.2)."""
    statement = {"policy_digest": policy_digest, "province": province, "session": session}
    return canonical.tag("province-policy/v1") + canonical.encode(statement)


def asks_provinces(booked: BookSession) -> bool:
    """Whether a genesis is by rules whose milestones a policy judges, which the provinces have to sign."""
    return "DisclosePolicy" in RULES[booked.rules_version].acts


def genesis_fault(session: str, booked: BookSession, provinces: Mapping[str, str]) -> str:
    """What a genesis lacks of the provinces' signatures; empty where nothing is missing.

    `ProvinceUnsigned`: one that was configured has not signed, or with another key. `ProvinceForged`: a
    signature does not hold, whoever's it is.
    """
    signed: dict[str, ProvinceSignature] = {one.province: one for one in booked.province_signatures}
    for one in booked.province_signatures:
        told = province_bytes(session, one.province, booked.policy_digest)
        if not signing.verify(one.key, told, one.sig):
            return "ProvinceForged"
    for province, key in provinces.items():
        found = signed.get(province)
        if found is None or found.key != key:
            return "ProvinceUnsigned"
    return ""
