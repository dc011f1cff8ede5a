"""An archive as a forger has it who holds every key: cut open, changed, and signed anew in all its parts.

A real archive is taken over whole: each public key in it gives way to one whose private key is here, and
every signature that hangs on it is made anew: seats' attestations, authors' commands, the log's and the
cosigners' heads. What an attack then changes is hashed and signed as if it had always stood so, so that only
the meaning of a rule can tell. By default all that is made is right.
"""

import base64
import copy
import hashlib
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import archive, canonical
from protocol.ledger import checkpoint, kinds, levels, note, tiles, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.seal import signing

KEPT = Path(__file__).resolve().parents[1] / "data" / "archive"
TIME_S = 1_795_700_000
_KEY = re.compile(r"ed25519:[A-Za-z0-9+/]{43}=")
Entry = dict[str, Any]


def private(of: str) -> Ed25519PrivateKey:
    """The forger's key in the place of another, or of a name."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"forged " + of.encode()).digest())


def b64(raw: bytes) -> str:
    """Bytes as they stand in a record."""
    return base64.b64encode(raw).decode()


@dataclass
class Forged:
    """What an archive is made of, to be changed in place; `written` hashes and signs it all."""

    session: str
    origin: str
    entries: list[Entry]
    disclosures: list[dict[str, Any]]
    others: dict[str, bytes]
    withheld: list[str]
    cosigners: tuple[str, ...]
    keys: dict[str, Ed25519PrivateKey]
    signs: int = -1
    """How many cosigners sign the final head; -1: all."""
    head: tuple[int, bytes] | None = None
    """Another final head than the record's."""
    raw: dict[int, bytes] = field(default_factory=dict)
    """Entry by its place → its bytes, in place of what would be written."""
    roots: list[bytes] = field(default_factory=list)
    """The head over so many entries, once they are written."""
    hushed: str = ""
    """A witness whose list leaves out how other venues answered its record."""

    def find(self, type_: str, nth: int = 0) -> int:
        """The place of the nth act of a type."""
        return [at for at, one in enumerate(self.entries) if one["command"]["type"] == type_][nth]

    def places(self, type_: str) -> list[int]:
        """The places of all acts of a type."""
        return [at for at, one in enumerate(self.entries) if one["command"]["type"] == type_]

    def event(self, at: int, name: str) -> dict[str, Any]:
        """An event of an entry, by the name without its version."""
        return next(one for one in self.entries[at]["events"] if one["type"].split(".")[0] == name)

    def disclosure(self, name: str, nth: int = 0) -> dict[str, Any]:
        """The nth disclosure of a field."""
        return [one for one in self.disclosures if one["field"] == name][nth]

    def revalue(self, one: dict[str, Any], value: Any) -> None:
        """Give a hidden value another content, and its digest its place wherever it stood."""
        before = one["digest"]
        raw = canonical.encode(value)
        one["value"] = raw.decode()
        if one["field"] == "sheet":
            digest = canonical.sha256(canonical.tag("sheet/v1") + raw)
        else:
            salt = base64.b64decode(one["salt"])
            digest = canonical.sha256(canonical.tag(f"hidden/v1/{one['field']}") + salt + raw)
        self._replace(before, b64(digest))

    def _replace(self, old: str, new: str) -> None:
        self.entries = json.loads(json.dumps(self.entries).replace(old, new))
        self.disclosures = json.loads(json.dumps(self.disclosures).replace(old, new))

    # --- written ------------------------------------------------------------------------------------------

    def policy(self) -> bytes:
        """The policy under which the forger's own heads are good."""
        log = note.vkey(self.origin, private("log").public_key())
        rows = [f"log {log}"]
        for name in self.cosigners:
            vkey = note.vkey(f"{name}/c", private(name).public_key(), kinds.COSIGNATURE)
            rows.append(f"witness {name} {vkey}")
        rows.append(f"group live {2 * len(self.cosigners) // 3 + 1} {' '.join(self.cosigners)}")
        return ("\n".join([*rows, "quorum live"]) + "\n").encode()

    def written(self) -> bytes:
        """The archive's bytes, with everything hashed and signed anew."""
        lines, grown = self._lines()
        size, root = self.head or (len(lines), grown.root())
        names = self.cosigners if self.signs < 0 else self.cosigners[: self.signs]
        final = self.signed_head(size, root, names, TIME_S)
        members = {
            **self.others,
            "record.jsonl": self._record(lines),
            "keys.json": self._keys(),
            "policy": self.policy(),
            **self._proofs(size, final),
            **{one.path: tiles.cut(grown, one) for one in tiles.of_size(len(lines))},
            **self._lists(lines, grown),
        }
        return packed(members, self.session, len(lines), grown.root(), self.withheld)

    def signed_head(self, size: int, root: bytes, names: Iterable[str], time_s: int) -> bytes:
        """A head as the log and these cosigners have signed it."""
        log = note.ed25519_signer(self.origin, private("log"))
        signers = [note.ed25519_signer(f"{one}/c", private(one), kinds.COSIGNATURE) for one in names]
        return checkpoint.sign(Checkpoint(self.origin, size, root), (log, *signers), time_s).encode()

    def _proofs(self, size: int, final: bytes) -> dict[str, bytes]:
        """The heads in the archive, and by what they are judged."""
        return {f"checkpoints/{size}": final}

    def _placed(self, told: Entry, at: int, roots: list[bytes]) -> None:
        _placed(told, at, roots)

    def _lines(self) -> tuple[list[bytes], levels.Levels]:
        """Every entry's bytes in order: places, heads seen and signatures made right again."""
        grown = levels.Levels()
        roots = [hashlib.sha256(b"").digest()]
        lines = []
        for at, one in enumerate(self.entries):
            told = {name: value for name, value in one.items() if not name.startswith("_")}
            if not one.get("_as_is"):
                self._placed(told, at, roots)
            told["sig"] = one.get("_sig") or self._signed(told["command"], one.get("_by"))
            raw = self.raw.get(at) or canonical.encode(told)
            lines.append(raw)
            grown.append(tree.leaf_hash(raw))
            roots.append(grown.root())
        self.roots = roots
        return lines, grown

    def _signed(self, command: dict[str, Any], by: str | None) -> str:
        key = self.keys.get(by or command["author_key"]) or private("nobody")
        return signing.sign(key, canonical.tag("command/v1") + canonical.encode(command))

    def _record(self, lines: list[bytes]) -> bytes:
        header = canonical.encode({"entries": len(lines), "record": 1, "session": self.session})
        return b"\n".join([header, *lines, *map(canonical.encode, self._told())]) + b"\n"

    def _lists(self, lines: list[bytes], grown: levels.Levels) -> dict[str, bytes]:
        """The lists of the witnesses who signed (SPEC 13.3), from entries that may be false."""
        size = len(lines)
        noted: dict[str, list[dict[str, Any]]] = {}
        bound: dict[str, int] = {}
        answers: dict[str, list[tuple[int, int, str]]] = {}
        found = {}
        for at, one in enumerate(self.entries):
            for event in one["events"]:
                if event["type"] == "SeatBound.1":
                    bound[event["seat"]] = at
                if event["type"] == "ObservationNoted.1":
                    stage = {name: event[name] for name in ("envelope", "lot", "round")}
                    seen = {name: event[name] for name in event if name not in (*stage, "type")}
                    seen |= {"session": self.session, "stage": stage}
                    noted.setdefault(event["seat"], []).append(seen)
                if event["type"] == "WitnessRecordSigned.1" and event["seat"] in bound:
                    found[event["seat"]] = (at, event["venue"])
                if event["type"] == "WitnessRecordAnswered.1":
                    told_by = (at, bound[event["by"]], event["remark"])
                    answers.setdefault(event["seat"], []).append(told_by)

        def placed(at: int) -> dict[str, Any]:
            proof = grown.inclusion(at, size)
            return {"proof": [b64(one) for one in proof], "raw": b64(lines[at])}

        told = {}
        for seat, (at, venue) in found.items():
            observations = noted.get(seat, [])
            own = [] if seat == self.hushed else answers.get(seat, [])
            remarks = {one["remark"] for one in observations} | {remark for _, _, remark in own}
            value: dict[str, Any] = {
                "bound": placed(bound[seat]), "genesis": placed(0), "handover": 1,
                "observations": observations, "root": b64(grown.root()),
                "remarks": [one for one in self._told() if one["digest"] in remarks], "seat": seat,
                "session": self.session, "signed": placed(at), "size": size, "venue": venue,
            }  # fmt: skip
            if own:
                rows = [{"answered": placed(place), "bound": placed(by)} for place, by, _ in own]
                value |= {"answers": rows, "handover": 2}
            told[f"witness/{seat}.json"] = canonical.encode(value) + b"\n"
        return told

    def _told(self) -> list[dict[str, Any]]:
        return sorted(self.disclosures, key=lambda one: base64.b64decode(one["digest"]))

    def _keys(self) -> bytes:
        """As SPEC 26 has them, from entries that may be false."""
        rows: list[tuple[int, str, str, str]] = []
        roles = {"agent": "agent"}
        for at, one in enumerate(self.entries):
            for event in one["events"]:
                if event["type"] == "SessionBooked.1":
                    rows.append((at, "", "installation", event["installation_key"]))
                    rows.append((at, "agent", "agent", event["agent_key"]))
                if event["type"] == "SeatBound.1":
                    rows.append((at, event["seat"], roles.get(event["seat"], "bidder"), event["key"]))
                rows += [(at, one["venue"], "venue", one["node_key"]) for one in event.get("venues", ())]
                roles |= {seat["seat"]: seat["role"] for seat in event.get("seats", ()) if "role" in seat}
        told = [{"from": at, "key": key, "of": of, "seat": seat} for at, seat, of, key in sorted(rows)]
        return canonical.encode({"certificates": [], "evidence": [], "keys": told})


def _placed(told: Entry, at: int, roots: list[bytes]) -> None:
    """An entry at its place: its number, the head its author had seen, and the head that it names itself."""
    told["seq"] = at
    command = told["command"] = copy.deepcopy(told["command"])
    told["events"] = copy.deepcopy(told["events"])
    seen = command["seen"]
    if seen["size"]:
        seen["size"] = min(seen["size"], at)
        seen["root"] = b64(roots[seen["size"]])
    if command["type"] == "ReachMilestone":
        command["content"] |= {"size": at, "root": b64(roots[at])}
    for event in told["events"]:
        if event["type"] in ("MilestoneReached.1", "SessionSuspended.1"):
            event |= {"size": at, "root": b64(roots[at])}


def taken_over(raw: bytes) -> Forged:
    """A real archive as its forger has it, every key replaced; written again unchanged it holds."""
    read = archive.read(raw)
    assert isinstance(read, archive.Archive), read
    lines = read.members["record.jsonl"].decode().splitlines()[1:]
    text = "\n".join(lines)
    keys = {}
    for old in sorted(set(_KEY.findall(text))):
        key = private(old)
        new = signing.public_text(key)
        text = text.replace(old, new)
        keys[new] = key
    told = [json.loads(line) for line in text.splitlines()]
    entries, disclosures = told[: read.manifest.size], told[read.manifest.size :]
    installation = entries[0]["command"]["content"]["installation_key"]
    for one in entries:
        command = one["command"]
        if command["type"] == "BindSeat":
            content = command["content"]
            said = signing.attested_bytes(
                command["session"], content["seat"], command["author_key"], content["means"]
            )
            content["attestation"] = signing.sign(keys[installation], said)
    return Forged(
        session=read.manifest.session,
        origin=f"forged.example/{read.manifest.session}",
        entries=entries,
        disclosures=disclosures,
        others={name: read.members[name] for name in ("README.txt", "attached.json")},
        withheld=list(read.manifest.withheld),
        cosigners=("a", "b", "c", "d"),
        keys=keys,
    )


def packed(members: dict[str, bytes], session: str, size: int, root: bytes, withheld: list[str]) -> bytes:
    """An archive's bytes out of its members, with a manifest that lists them."""
    files = [
        {"digest": b64(hashlib.sha256(members[name]).digest()), "name": name, "size": len(members[name])}
        for name in sorted(members)
    ]
    manifest = {
        "archive": 1, "files": files, "root": b64(root), "session": session, "size": size,
        "withheld": withheld,
    }  # fmt: skip
    out = io.BytesIO()
    archive.write({**members, "archive.json": canonical.encode(manifest)}, out)
    return out.getvalue()
