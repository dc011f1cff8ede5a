"""A forger's copy of an archive under rules version 4, where more has to be made anew than keys.

There certificates vouch for seats' keys, cosigned heads stand behind milestones, a policy that genesis names
says who cosigns and whose list counts, and an authority stamps the last head. The forger has authorities,
signers of a list and a time-stamping service of its own, named in a policy of its own. By default all that
is made is right.
"""

import base64
import json
import tempfile
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops import certifying, proving
from ops.ca import alliance
from ops.certifying import Held
from ops.tsa import desk
from protocol import archive, canonical, record
from protocol.archive_keys import certificates
from protocol.ledger import quorum
from protocol.seal import signing
from protocol.seal.trust import certificate, spoken
from protocol.session.outcome import outcome_digest
from tests.attacks import forged_archive
from tests.attacks.forged_archive import Entry, Forged, b64

_BY = ("jiangsu", "shanghai")
_HIDDEN_OF_SHEETS = "sheet"


@cache
def authorities(since_ms: int) -> Path:
    """The forger's own authorities, in force since a moment; kept while the process lives."""
    folder = Path(_folder().name) / str(since_ms)
    alliance.make(folder, since_ms)
    return folder


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


@cache
def issued(folder: Path, by: str, name: str, use: str, at_ms: int, days: int = 365) -> Held:
    """A certificate of the forger's own authorities, with its key."""
    one = alliance.named(folder, by)
    raw, key = one.issue(name, use, at_ms, days)
    return Held(raw, (one.issuing.raw,), key)


@dataclass
class ForgedSealed(Forged):
    """What an archive of version 4 is made of, to be changed in place."""

    folder: Path = Path()
    """Of the forger's authorities."""
    votes: str = ""
    """The policy's lines on cosigners but their keys."""
    stamper: str = "jiangsu"
    """Whose time-stamp the policy names."""
    needed: int = 3
    """So many signers of the trust list the policy asks for."""
    silent: dict[str, str] = field(default_factory=dict)
    """Milestone → a cosigner that has not signed its head, whatever the record says."""
    dropped: set[str] = field(default_factory=set)
    """Milestones whose heads are not in the archive."""
    revoked: list[tuple[bytes, int]] = field(default_factory=list)
    """Certificates that are revoked, since when (ms)."""
    stamped: bytes | None = None
    """What the time-stamp covers, in place of the final head."""
    stamped_by: Path | None = None
    """Another time-stamping authority's folder than the forger's own."""
    listed_by: int = -1
    """So many have signed the trust list; -1: all."""
    named: str = ""
    """Another policy that genesis names."""
    disclosed: str = ""
    """Another policy that the record discloses."""
    told: dict[str, Any] | None = None
    """The report for machines, where there is one."""
    unsaid: str = ""
    """A province that has not signed what genesis says it has."""

    # --- what follows from changes ------------------------------------------------------------------------

    @property
    def began_ms(self) -> int:
        """When the session was booked."""
        return int(self.entries[self.find("BookSession")]["at"])

    @property
    def ended_ms(self) -> int:
        """When the last entry was made."""
        return int(self.entries[-1]["at"])

    def milestone(self, name: str) -> int:
        """The place of the entry that reached a milestone."""
        return next(
            at for at in self.places("ReachMilestone")
            if self.entries[at]["command"]["content"]["milestone"] == name
        )  # fmt: skip

    def by(self, type_: str, seat: str) -> list[int]:
        """The places of a seat's acts of a type."""
        key = self.key_of(seat)
        return [at for at in self.places(type_) if self.entries[at]["command"]["author_key"] == key]

    def key_of(self, seat: str) -> str:
        """The key that a seat bound last."""
        found = [
            event["key"]
            for one in self.entries
            for event in one["events"]
            if event["type"] == "SeatBound.1" and event["seat"] == seat
        ]
        return str(found[-1])

    def revalue(self, one: dict[str, Any], value: Any) -> None:
        """As before, and whatever names the digest in turn follows: an escrow the sheet that it holds."""
        one["value"] = canonical.encode(value).decode()
        self.settle()

    def settle(self) -> None:
        """Give every disclosure the digest that its value has now, wherever it stands, until all have it."""
        while True:
            changed = {one["digest"]: _digest(one) for one in self.disclosures}
            changed = {old: new for old, new in changed.items() if old != new}
            if not changed:
                return
            text = json.dumps([self.entries, self.disclosures])
            for old, new in changed.items():
                text = text.replace(old, new)
                text = text.replace(base64.b64decode(old).hex(), base64.b64decode(new).hex())
            self.entries, self.disclosures = json.loads(text)

    def delegate(self, at: int, *, held: Held | None = None, by: Held | None = None, **said: Any) -> None:
        """Make a delegation anew: by another certificate, saying something else, or signed by another."""
        self._delegate(at, held, by, said)
        self.settle()

    def _delegate(self, at: int, held: Held | None, by: Held | None, said: dict[str, Any]) -> None:
        content = self.entries[at]["command"]["content"]
        one = next(each for each in self.disclosures if each["digest"] == content["evidence"])
        value = json.loads(one["value"])
        before = value["signed"]["statement"]
        if held is None:
            province = _BY[len(before["seat"]) % len(_BY)]
            held = issued(self.folder, province, before["seat"], "sign", self.began_ms)
        own = certificate.read(held.certificate)
        assert isinstance(own, certificate.Certificate)
        statement = msgspec.convert(
            {**before, "key": self.entries[at]["command"]["author_key"], **said,
             "certificate": b64(own.fingerprint)},
            spoken.SeatDelegation,
        )  # fmt: skip
        sig = certifying.tagged((by or held).key, spoken.signed_bytes(statement))
        signed = spoken.SignedDelegation(
            statement=statement, certificate=held.certificate, others=held.others, sig=sig
        )
        value["signed"] = json.loads(canonical.encode(signed))
        one["value"] = canonical.encode(value).decode()

    # --- written --------------------------------------------------------------------------------------

    def policy(self) -> bytes:
        """The policy under which the forger's own heads, list and time-stamp are good."""
        signers = [
            signing.public_text(Ed25519PrivateKey.from_private_bytes(_raw_key(one)))
            for one in sorted((self.folder / "signers").iterdir())
        ]
        plain = quorum.read(super().policy().decode().split("group")[0] + self.votes)
        said = msgspec.structs.replace(
            plain, list_signers=quorum.ListSigners(self.needed, tuple(sorted(signers))),
            stampers=(self.stamper,),
        )  # fmt: skip
        return quorum.write(said).encode()

    def _placed(self, told: Entry, at: int, roots: list[bytes]) -> None:
        """Also what depends on the place: which head a milestone rests on, and the cause of an act."""
        command = told["command"]
        if command["type"] != "ReachMilestone":
            super()._placed(told, at, roots)
            return
        super()._placed(told, at, roots)
        size = self._since(at)
        content = told["command"]["content"]
        told["command"]["command_id"] = self._due(told, size)
        for one in (content, *told["events"]):
            if "size" in one:
                one |= {"size": size, "root": b64(roots[size])}
        self.covered[content["milestone"]] = size

    def _since(self, at: int) -> int:
        """The first head over the entry that called for a milestone."""
        of = self.entries[at]["command"]
        name, stage = of["content"]["milestone"], of["stage"]
        for place in range(at - 1, -1, -1):
            for event in self.entries[place]["events"]:
                same = event.get("milestone") == name and event.get("lot", "") == stage["lot"]
                if event["type"] == "MilestonePending.1" and same:
                    return max(place + 1, 2) if name == "genesis" else place + 1
        return at

    def _due(self, told: Entry, size: int) -> str:
        command = told["command"]
        where = f"{command['stage']['lot']}/{command['stage']['envelope']}"
        since = 1 if command["content"]["milestone"] == "genesis" else size
        return due(self.session, f"milestone {command['content']['milestone']}@{where} since {since}")

    def _lines(self) -> Any:
        self.covered: dict[str, int] = {}
        self._attest()
        return super()._lines()

    def _attest(self) -> None:
        """The policy as it is now, where the record names it; provinces and installation sign for it."""
        text = self.policy().decode()
        booked = self.entries[self.find("BookSession")]
        digest = b64(canonical.sha256((self.named or text).encode()))
        for one in (booked["command"]["content"], *booked["events"]):
            if "policy_digest" not in one:
                continue
            one["policy_digest"] = digest
            for row in one["province_signatures"]:
                said = {"policy_digest": digest, "province": row["province"], "session": self.session}
                if row["province"] == self.unsaid:
                    said["session"] = "another"
                message = canonical.tag("province-policy/v1") + canonical.encode(said)
                row["sig"] = signing.sign(self.keys[row["key"]], message)
        for at in self.places("DisclosePolicy"):
            for one in (self.entries[at]["command"]["content"], *self.entries[at]["events"]):
                if "policy" in one:
                    one["policy"] = self.disclosed or text
        installation = self.keys[booked["command"]["content"]["installation_key"]]
        for at in self.places("DelegateSeatKey"):
            if self.entries[at].get("_unattested"):
                continue
            content, event = self.entries[at]["command"]["content"], self.event(at, "SeatKeyDelegated")
            message = signing.delegated_bytes(
                self.session, event["seat"], self.entries[at]["command"]["author_key"], content["means"],
                base64.b64decode(content["evidence"]), content["until"],
            )  # fmt: skip
            content["attestation"] = signing.sign(installation, message)

    def _proofs(self, size: int, final: bytes) -> dict[str, bytes]:
        found = {f"checkpoints/{size}": final}
        for at in self.places("ReachMilestone"):
            name = self.entries[at]["command"]["content"]["milestone"]
            covers = self.covered.get(name, 0)
            if name in self.dropped or not covers or covers == size:
                continue
            cosigned = self.entries[at]["command"]["content"]["cosigned"]
            names = [one for one in cosigned if one != self.silent.get(name) and one in self.cosigners]
            found[f"checkpoints/{covers}"] = self.signed_head(
                covers, self.roots[covers], names, self.entries[at]["at"] // 1_000
            )
        stamper = desk.ensure(self.stamped_by or self.folder, self.began_ms)
        found["time-stamp"] = proving.stamped(stamper, self.stamped or final, self.ended_ms + 60_000)
        found["trust-list"] = (self.folder / alliance.FILE).read_bytes()
        if self.listed_by >= 0:
            listed = json.loads(found["trust-list"])
            listed["signatures"] = listed["signatures"][: self.listed_by]
            found["trust-list"] = canonical.encode(listed)
        if self.told is not None:
            head = {"root": self.roots[size].hex(), "size": size}
            found["report.json"] = canonical.encode({"tree_head": head, **self.told})
        return found

    def _keys(self) -> bytes:
        told = json.loads(super()._keys())
        rows = list(told["keys"])
        for at, one in enumerate(self.entries):
            for event in one["events"]:
                rows += [
                    {"from": at, "key": holder["key"], "of": "custodian", "seat": holder["custodian"]}
                    for group in event.get("groups", ())
                    for holder in group["members"]
                    if event["type"] == "CustodiansAppointed.1"
                ]
        rows.sort(key=lambda row: (row["from"], row["seat"], row["of"], row["key"]))
        read = record.read(self._record([canonical.encode({})]))
        shown = [b64(one) for one in certificates(read)]
        return canonical.encode({"certificates": shown, "evidence": self._evidence(), "keys": rows})

    def _evidence(self) -> list[str]:
        """Every authority's lists, with what the forger wants revoked."""
        revoked = tuple((raw, since) for raw, since in self.revoked)
        return [b64(one) for one in _lists(self.folder, self.ended_ms, revoked)]


@cache
def _lists(folder: Path, at_ms: int, revoked: tuple[tuple[bytes, int], ...]) -> tuple[bytes, ...]:
    """Revocation lists of all of a folder's authorities, signed at a moment."""
    raws = set()
    for one in alliance.authorities(folder):
        before, own = list(one.book.revoked), {each.serial for each in one.book.issued}
        for raw, since in revoked:
            read = certificate.read(raw)
            assert isinstance(read, certificate.Certificate)
            if read.serial in own and read.parsed.issuer == one.issuing.parsed.subject:
                one.revoke(read.serial, since, "key-compromise")
        raws |= {path.read_bytes() for path in one.write_lists(at_ms)}
        one.book.revoked[:] = before
        one._save()
    return tuple(sorted(raws))


def due(session: str, cause: str) -> str:
    """The id of an act of the installation (SPEC 7.2)."""
    tagged = canonical.sha256(canonical.tag("due/v1") + canonical.encode([session, cause]))
    return f"due-{tagged.hex()[:40]}"


def taken_over(raw: bytes) -> ForgedSealed:
    """A real archive of version 4 as its forger has it; written again unchanged it holds."""
    plain = forged_archive.taken_over(raw)
    read = archive.read(raw)
    assert isinstance(read, archive.Archive), read
    # Keys within hidden values stay as they were: what seals a bid speaks for its bidder, not for a seat.
    lines = read.members["record.jsonl"].decode().splitlines()[1:]
    plain.disclosures = [json.loads(line) for line in lines[read.manifest.size :]]
    policy = read.members["policy"].decode().splitlines()
    cosigners = tuple(line.split()[1] for line in policy if line.startswith("witness "))
    votes = "\n".join(line for line in policy if line.startswith(("group ", "quorum "))) + "\n"
    began = plain.entries[0]["at"]
    of = ForgedSealed(
        plain.session, plain.origin, plain.entries, plain.disclosures, plain.others, plain.withheld,
        cosigners, plain.keys, folder=authorities(began), votes=votes,
    )  # fmt: skip
    for at in of.places("DelegateSeatKey"):
        of._delegate(at, None, None, {})
    of.settle()
    report = json.loads(read.members["report.json"])
    told = {name: report[name] for name in ("regime", "rules_version", "session", "title")}
    held = archive.read(of.written())
    assert isinstance(held, archive.Archive), held
    of.told = told | {"outcome": outcome_digest(record.replay(held.record), held.record.disclosed).hex()}
    return of


def _digest(one: dict[str, Any]) -> str:
    raw = one["value"].encode()
    if one["field"] == _HIDDEN_OF_SHEETS:
        return b64(canonical.sha256(canonical.tag("sheet/v1") + raw))
    salt = base64.b64decode(one["salt"])
    return b64(canonical.sha256(canonical.tag(f"hidden/v1/{one['field']}") + salt + raw))


def _raw_key(path: Path) -> bytes:
    from ops import certificates as own  # noqa: PLC0415 - one use

    return own.read_signing_key(path).private_bytes_raw()


def copied(of: ForgedSealed, plain: str) -> ForgedSealed:
    """A fresh copy, its entries and disclosures from their text."""
    entries, disclosures = json.loads(plain)
    return replace(
        of, entries=entries, disclosures=disclosures, others=dict(of.others), silent={}, dropped=set(),
        revoked=[], told=dict(of.told or {}), raw={},
    )  # fmt: skip
