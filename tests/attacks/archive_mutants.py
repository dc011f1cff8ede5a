"""Seeded mutants of real archives: `python -m tests.attacks.archive_mutants --mutants 300 [--of 4] [--json]`.

Half are changed as whoever has the file may change it; half are forged by one who holds every key, hashed
and signed anew (`forged_archive`, `forged_sealed`), so that only the meaning of a rule can catch them; of a
session of version 4 it must be the very rule that the forgery breaks. Verdicts are the
independent program's, each in a process of its own, bounded in time and memory: a mutant is caught when that
is *invalid* with a rule named; where something was only taken away, *undecided* is right as well.
"""

import argparse
import base64
import io
import json
import random
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ops.verify.commands import PROGRAM
from protocol import canonical
from tests.attacks import forged_archive, forged_sealed
from tests.attacks.forged_archive import KEPT, Forged, packed
from tests.attacks.forged_sealed import ForgedSealed
from tests.attacks.forgeries import FORGED, FORGED_3, Forgery
from tests.attacks.forgeries_acts import ACTS
from tests.attacks.forgeries_paper import PAPER
from tests.attacks.forgeries_sealed import EXPECTED, FORGED_4, UNDECIDED, Sealed

VERSIONS = ("2", "3", "4")
SEALED = "4"
"""The version under which bids come sealed."""
TIME_S_MAX = 120
MEMORY_BYTES_MAX = 500_000_000
CODE_INVALID, CODE_UNDECIDED = 1, 2


@dataclass(frozen=True)
class Mutant:
    """A changed archive and the policy it is judged by."""

    name: str
    raw: bytes
    policy: bytes
    only_less: bool = False
    """Whether nothing was changed but taken away, so that a verdict may be undecided."""
    rules: frozenset[str] = frozenset()
    """The rules of which one must tell it; none: any."""


@dataclass(frozen=True)
class Verdict:
    """What the program said of a mutant, and what it took."""

    mutant: str
    code: int
    rule: str
    entry: int
    memory_bytes: int

    def caught(self, of: Mutant) -> bool:
        """Whether the mutant did not pass, and a rule is named that it breaks."""
        right = (CODE_INVALID, CODE_UNDECIDED) if of.only_less else (CODE_INVALID,)
        named = self.rule in of.rules if of.rules else bool(self.rule)
        return self.code in right and named and self.memory_bytes <= MEMORY_BYTES_MAX


@cache
def kept(version: str) -> tuple[bytes, bytes]:
    """A kept archive and its policy."""
    folder = KEPT / f"version-{version}"
    return folder.with_suffix(".zip").read_bytes(), folder.with_suffix(".policy").read_bytes()


@cache
def _unpacked(version: str) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(kept(version)[0])) as found:
        return {one: found.read(one) for one in found.namelist()}


@cache
def _taken_over(version: str) -> str:
    control = _control(version)
    return json.dumps([control.entries, control.disclosures])


@cache
def _control(version: str) -> Forged:
    take = forged_sealed.taken_over if version == SEALED else forged_archive.taken_over
    return take(kept(version)[0])


def forged(version: str) -> Forged:
    """A fresh forger's copy of a kept archive."""
    control = _control(version)
    if isinstance(control, ForgedSealed):
        return forged_sealed.copied(control, _taken_over(version))
    entries, disclosures = json.loads(_taken_over(version))
    return Forged(
        control.session, control.origin, entries, disclosures, dict(control.others),
        list(control.withheld), control.cosigners, control.keys,
    )  # fmt: skip


def sealed() -> ForgedSealed:
    """A fresh forger's copy of the kept archive of version 4."""
    found = forged(SEALED)
    assert isinstance(found, ForgedSealed)
    return found


# --- without any key ----------------------------------------------------------------------------------------


def _again(version: str, members: dict[str, bytes]) -> bytes:
    """An archive with a manifest that fits what is in it."""
    told = json.loads(members["archive.json"])
    rest = {name: raw for name, raw in members.items() if name != "archive.json"}
    return packed(rest, told["session"], told["size"], base64.b64decode(told["root"]), told["withheld"])


def _lines(version: str) -> tuple[list[bytes], int]:
    lines = _unpacked(version)["record.jsonl"].splitlines(keepends=True)
    return lines, json.loads(lines[0])["entries"]


def _recorded(version: str, lines: list[bytes], entries: int) -> bytes:
    header = json.loads(lines[0]) | {"entries": entries}
    members = dict(_unpacked(version)) | {
        "record.jsonl": b"".join([canonical.encode(header) + b"\n", *lines[1:]])
    }
    return _again(version, members)


def flip_in_file(dice: random.Random, version: str) -> Mutant:
    raw = bytearray(kept(version)[0])
    raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
    return Mutant("flip a bit of the file", bytes(raw), kept(version)[1])


def flip_in_member(dice: random.Random, version: str) -> Mutant:
    members = dict(_unpacked(version))
    names = [
        one for one in members if one.startswith(("record", "tile/", "checkpoints/", "keys", "witness/"))
    ]
    name = dice.choice(sorted(one for one in names if not one.endswith(".pdf")))
    raw = bytearray(members[name])
    raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(7)
    return Mutant(
        f"flip a bit of {name.split('/')[0]}, listed anew",
        _again(version, members | {name: bytes(raw)}),
        kept(version)[1],
    )


def drop_entry(dice: random.Random, version: str) -> Mutant:
    lines, entries = _lines(version)
    at = dice.randrange(1, entries + 1)
    return Mutant(
        "drop an entry", _recorded(version, lines[:at] + lines[at + 1 :], entries - 1), kept(version)[1]
    )


def duplicate_entry(dice: random.Random, version: str) -> Mutant:
    lines, entries = _lines(version)
    at = dice.randrange(1, entries + 1)
    return Mutant(
        "duplicate an entry",
        _recorded(version, lines[:at] + lines[at : at + 1] + lines[at:], entries + 1),
        kept(version)[1],
    )


def reorder_entries(dice: random.Random, version: str) -> Mutant:
    lines, entries = _lines(version)
    at = dice.randrange(1, entries)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return Mutant("reorder two entries", _recorded(version, lines, entries), kept(version)[1])


def _named(lines: list[bytes], disclosed: list[bytes]) -> list[bytes]:
    """The disclosures that open something in these entries, so that none is foreign to them."""
    text = b"".join(lines)
    return [one for one in disclosed if json.loads(one)["digest"].encode() in text]


def _other(version: str) -> str:
    return VERSIONS[VERSIONS.index(version) - 1]


def splice(dice: random.Random, version: str) -> Mutant:
    """The end of another session, of another installation, behind the beginning of this one."""
    lines, entries = _lines(version)
    other, others = _lines(_other(version))
    at = dice.randrange(2, min(entries, others))
    mixed = lines[1 : at + 1] + other[at + 1 : others + 1]
    joined = [lines[0], *mixed, *_named(mixed, lines[entries + 1 :])]
    return Mutant("splice two sessions", _recorded(version, joined, others), kept(version)[1])


def roll_back(dice: random.Random, version: str) -> Mutant:
    """The session as it stood before, with the head it has now, or with none."""
    lines, entries = _lines(version)
    size = dice.randrange(1, entries)
    of = forged_archive.taken_over(kept(version)[0])
    earlier = [json.loads(line) for line in lines[1 : size + 1]]
    grown_members = _tiles([canonical.encode(one) for one in earlier])
    members = {name: raw for name, raw in _unpacked(version).items() if name in of.others}
    members |= grown_members[0]
    header = canonical.encode({"entries": size, "record": 1, "session": of.session})
    members["record.jsonl"] = b"".join(
        [header + b"\n", *lines[1 : size + 1], *_named(lines[1 : size + 1], lines[entries + 1 :])]
    )
    members["keys.json"] = _unpacked(version)["keys.json"]
    with_head = dice.random() < 0.5
    if with_head:
        name = f"checkpoints/{entries}"
        members[name] = _unpacked(version)[name]
    return Mutant(
        "roll back",
        packed(members, of.session, size, grown_members[1], []),
        kept(version)[1],
        only_less=not with_head,
    )


def swap_policy(dice: random.Random, version: str) -> Mutant:
    other = kept(_other(version))[1] if dice.random() < 0.5 else _control(version).policy()
    return Mutant("swap the policy", kept(version)[0], other)


def drop_member(dice: random.Random, version: str) -> Mutant:
    members = dict(_unpacked(version))
    name = dice.choice(
        sorted(set(members) - {"archive.json", "policy"} - {n for n in members if "report" in n})
    )
    if name.endswith(".pdf"):
        name = "keys.json"
    del members[name]
    return Mutant("drop a member, listed anew", _again(version, members), kept(version)[1], only_less=True)


def fewer_cosignatures(dice: random.Random, version: str) -> Mutant:
    members = dict(_unpacked(version))
    name = dice.choice([one for one in members if one.startswith("checkpoints/")])
    head, rows = members[name].split(b"\n\n", 1)
    lines = rows.splitlines(keepends=True)
    keep = [lines[0], *dice.sample(lines[1:], 2)]
    return Mutant(
        "fewer cosignatures than the quorum",
        _again(version, members | {name: head + b"\n\n" + b"".join(keep)}),
        kept(version)[1],
    )


def change_disclosure(dice: random.Random, version: str) -> Mutant:
    lines, entries = _lines(version)
    long = [at for at in range(entries + 1, len(lines)) if len(json.loads(lines[at])["value"]) > 2]
    at = dice.choice(long)
    told = json.loads(lines[at])
    value = told["value"]
    place = dice.randrange(1, len(value) - 1)
    letter = "7" if value[place] != "7" else "8"
    told["value"] = value[:place] + letter + value[place + 1 :]
    lines[at] = canonical.encode(told) + b"\n"
    return Mutant("change a disclosure", _recorded(version, lines, entries), kept(version)[1])


def rekeyed(dice: random.Random, version: str) -> Mutant:
    """Wholly re-keyed by an attacker, good under a policy of its own: judged by the genuine one."""
    return Mutant("re-keyed throughout", forged(version).written(), kept(version)[1])


PLAIN: tuple[Callable[[random.Random, str], Mutant], ...] = (
    flip_in_file, flip_in_member, drop_entry, duplicate_entry, reorder_entries, splice, roll_back,
    swap_policy, drop_member, fewer_cosignatures, change_disclosure, rekeyed,
)  # fmt: skip


def _tiles(lines: list[bytes]) -> tuple[dict[str, bytes], bytes]:
    from protocol.ledger import levels, tiles, tree  # noqa: PLC0415 - one use

    grown = levels.Levels([tree.leaf_hash(raw) for raw in lines])
    return {one.path: tiles.cut(grown, one) for one in tiles.of_size(len(lines))}, grown.root()


SEALED_KINDS: tuple[Forgery | Sealed, ...] = (
    *ACTS,
    *PAPER,
    *(one for one in FORGED_4 if one not in ACTS and one not in PAPER),
    *(one for one in FORGED if one.__name__ not in {"without_NoteObservation", "milestone_false"}),
)
"""Version 4's own, newest first, and those of before; a witness need not note anything for these."""


# --- all of them ----------------------------------------------------------------------------------------


def mutant(seed: int, of: tuple[str, ...] = VERSIONS) -> Mutant:
    """The mutant of a number: even ones plain, odd ones forged; every version and every kind comes round."""
    dice, turn = random.Random(seed), seed // 2
    version, nth = of[turn % len(of)], turn // len(of)
    if seed % 2 == 0:
        return PLAIN[turn % len(PLAIN)](dice, version)
    if version == SEALED:
        return sealed_mutant(dice, SEALED_KINDS[nth % len(SEALED_KINDS)])
    kinds = FORGED + (FORGED_3 if version == "3" else ())
    copy = forged(version)
    name = kinds[nth % len(kinds)](dice, copy)
    return Mutant(f"forged: {name}", copy.written(), copy.policy())


def sealed_mutant(dice: random.Random, kind: Forgery | Sealed) -> Mutant:
    """A forgery of the session of version 4, and the rules of which one must tell it."""
    copy = sealed()
    name = kind(dice, copy)
    rules = EXPECTED.get(kind, frozenset())
    return Mutant(f"forged: {name}", copy.written(), copy.policy(), kind in UNDECIDED, rules)


def judge(one: Mutant, folder: Path) -> Verdict:
    """The independent program's verdict, in a process of its own."""
    (folder / "archive.zip").write_bytes(one.raw)
    (folder / "policy").write_bytes(one.policy)
    call = [sys.executable, "-I", str(PROGRAM), "archive.zip", "--policy", "policy", "--json"]
    done = subprocess.run(
        call, cwd=folder, capture_output=True, check=False, timeout=TIME_S_MAX,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX)),
    )  # fmt: skip
    lines = done.stdout.splitlines()
    told = json.loads(lines[-1]) if lines and lines[-1].startswith(b"{") else {}
    if not told or b"Traceback" in done.stderr:
        return Verdict(one.name, -1, "", -1, 0)
    return Verdict(one.name, done.returncode, told.get("rule") or "", told.get("entry", -1), 0)


def main() -> int:
    """Judge the mutants and say what was caught by which rule."""
    parser = argparse.ArgumentParser(description="Seeded mutants of real archives, judged by the verifier.")
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--of", choices=VERSIONS, action="append", help="of this rules version alone")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    escaped, rules = [], Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(asked.first, asked.first + asked.mutants):
            one = mutant(seed, tuple(asked.of or VERSIONS))
            found = judge(one, Path(folder))
            if not found.caught(one):
                escaped.append((seed, one.name, found.code, found.rule))
            rules[f"{one.name} → {found.rule} ({found.code})"] += 1
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    told = {
        "caught": asked.mutants - len(escaped), "escaped": escaped, "memory_bytes": most,
        "mutants": asked.mutants, "rules": dict(sorted(rules.items())),
    }  # fmt: skip
    rows = [f"{count:4}  {name}" for name, count in sorted(rules.items())]
    rows.append(
        f"{told['caught']} of {asked.mutants} caught, {most / 1e6:.0f} MB at most; escaped: {escaped}"
    )
    said = json.dumps(told, ensure_ascii=False) if asked.json else "\n".join(rows)
    sys.stdout.write(f"{said}\n")
    return 1 if escaped or most > MEMORY_BYTES_MAX else 0


if __name__ == "__main__":
    sys.exit(main())
