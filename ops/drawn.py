"""`tongchang draw`: a draw run again from a record, or a dry one from a pool file (抽取复核).

Owns: what the person is told; what is compared is `drawn_steps`'. Shares, calls and persons are taken out of
the entries and everything is worked out anew:
0 the record is what the draw gives, 1 it differs (and where), 2 there is nothing to read or to verify.
"""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from ops import replay
from ops.drawn_steps import STEPS, Difference, differences, gathered
from ops.pool import read_pool
from ops.trouble import Trouble
from protocol import canonical, chance, commands, entry, record
from protocol.entry import Entry
from protocol.hidden import Disclosed
from protocol.record import Record
from protocol.session import draw

SAME: Final = 0
DIFFERS: Final = 1
UNREADABLE: Final = 2


class Verified(Struct, frozen=True):
    """A draw run again: what was found of it, step by step, and where the record differs.

    `steps`: each step's code → whether it held; `differences` name step and entry.
    """

    draw: str
    seed: str
    venues: tuple[str, ...]
    seats: dict[str, int]
    steps: dict[str, bool]
    differences: tuple[Difference, ...]


def verify(path: Path) -> Verified:
    """Run the draw of a record again.

    Args:
      path: a whole record, or its entries alone, one to a line.

    Raises:
      Trouble: the file cannot be read, is no record, or holds no published draw (2).
    """
    read, entries = _entries(replay.read(path))
    found = gathered(entries)
    if found.frozen is None or found.asked is None or found.published is None:
        raise Trouble("记录中没有已公布的抽取。", "The record holds no published draw.", UNREADABLE)
    wrong = differences(read, found)
    seed = draw.seed_of(read.session, found.frozen, found.published.shares)
    try:
        picked = draw.picks(seed, found.frozen, found.takes)
    except draw.PoolExhausted:
        picked = ()
    failed = {one.step for one in wrong}
    return Verified(
        found.frozen.draw,
        seed.hex(),
        tuple(venue.venue for venue in draw.venues_drawn(seed, found.frozen)),
        {pick.seat: pick.index for pick in picked},
        {step: step not in failed for step in STEPS},
        wrong,
    )


def _entries(raw: bytes) -> tuple[Record, list[Entry]]:
    """A record's entries; a file that is nothing but entries is a record without disclosures."""
    try:
        try:
            read = record.read(raw)
        except record.RecordRefused:
            lines = tuple(raw.removesuffix(b"\n").split(b"\n"))
            session = entry.decode(lines[0]).session
            read = Record(session, lines, Disclosed())
        return read, [entry.decode(one) for one in read.entries]
    except (record.RecordRefused, canonical.NotCanonical, commands.UnknownContent) as error:
        raise Trouble(f"不是有效的记录文件:{error}", f"This is no record: {error}", UNREADABLE) from error


def show(found: Verified, as_json: bool) -> int:
    """Tell what was found; the exit code."""
    if as_json:
        print(msgspec.json.encode(found).decode(), flush=True)
        return DIFFERS if found.differences else SAME
    print(f"抽取 draw {found.draw}  种子 seed {found.seed}")
    print(f"会场 venues: {', '.join(found.venues)}")
    for seat, index in found.seats.items():
        print(f"  {seat}: {index}")
    for step, holds in found.steps.items():
        zh, en = STEPS[step]
        print(f"{'✓' if holds else '✗'} {zh} / {en}")
        for one in found.differences:
            if one.step == step:
                where = f" (第 {one.seq} 条 / entry {one.seq})" if one.seq >= 0 else ""
                print(f"    {one.zh} / {one.en}{where}")
    if not found.differences:
        print("✓ 记录与重新抽取的结果一致 / the record is what the draw gives")
    return DIFFERS if found.differences else SAME


def dry(path: Path, want: list[str], random: list[str], as_json: bool) -> int:
    """Draw from a pool file with given randomness, for trying out: nothing of it is in any record.

    Args:
      path: the pool file.
      want: `PROVINCE/SPECIALITY=COUNT`, each.
      random: `PARTY=HEX`, 32 bytes each; their order changes nothing.
      as_json: one JSON object instead of lines.

    Raises:
      Trouble: the pool has faults, a text is not of that form, or a stratum is too small (2).
    """
    pool = read_pool(path)
    if pool.errors:
        raise Trouble(
            "专家库有误,请先运行 tongchang pool check。",
            "The pool has faults; run tongchang pool check first.",
            UNREADABLE,
        )
    subject = canonical.tagged_digest("draw-dry/v1", sorted(one.id for one in pool.experts))
    shares = [chance.Share("dry", party, raw, "dry", subject) for party, raw in map(_random, random)]
    if not shares or len({one.party for one in shares}) != len(shares):
        raise Trouble("至少需要一个随机数,各方一次。", "Give randomness, once for each party.", UNREADABLE)
    seed = chance.seed(shares)
    drawn: dict[str, list[str]] = {}
    for one in want:
        name, count = _wanted(one)
        province, _, speciality = name.partition("/")
        there = sorted(e.id for e in pool.experts if e.province == province and speciality in e.specialities)
        if len(there) < count:
            raise Trouble(
                f"{name} 只有 {len(there)} 人,需要 {count} 人。",
                f"{name} has {len(there)}, fewer than {count}.",
                UNREADABLE,
            )
        order = chance.drawn_order(seed, ["stratum", province, speciality], len(there))
        drawn[name] = [there[place] for place in order[:count]]
    if as_json:
        print(msgspec.json.encode({"seed": seed.hex(), "drawn": drawn}).decode(), flush=True)
    else:
        print(f"种子 seed {seed.hex()}")
        for name, ids in drawn.items():
            print(f"  {name}: {', '.join(ids)}")
    return SAME


def _random(text: str) -> tuple[str, bytes]:
    party, _, digits = text.partition("=")
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        raw = b""
    if not party or len(raw) != 32:
        raise Trouble(
            f"“{text}”应为 名称=64 位十六进制。", f"“{text}” must be NAME=64 hex digits.", UNREADABLE
        )
    return party, raw


def _wanted(text: str) -> tuple[str, int]:
    name, _, digits = text.partition("=")
    if "/" not in name or not digits.isdecimal() or len(digits) > 3:
        raise Trouble(
            f"“{text}”应为 省份/专业=人数。", f"“{text}” must be PROVINCE/SPECIALITY=COUNT.", UNREADABLE
        )
    return name, int(digits)
