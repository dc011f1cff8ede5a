"""`tongchang draw`: a draw run again from a record, or a dry one from a pool file (抽取复核).

Owns: what is compared and what the person is told. The rules are `protocol.session.draw`'s; nothing here
decides. The verifier takes shares, calls and persons out of the entries and works everything out anew:
0 the record is what the draw gives, 1 it differs (and where), 2 there is nothing to read or to verify.
"""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from ops import replay
from ops.pool import read_pool
from ops.trouble import Trouble
from protocol import canonical, chance, commands, entry, record
from protocol.commands_draw import (
    CallReplacement,
    DrawnMember,
    FreezePool,
    PublishDraw,
    ReplaceMember,
    SeatWanted,
)
from protocol.events_draw import (
    DrawPublished,
    DrawSeedCommitted,
    MemberReplaced,
    PoolFrozen,
    ReplacementCalled,
    SeatTaken,
)
from protocol.pool.roll import Roll, root, strata
from protocol.session import draw

SAME: Final = 0
DIFFERS: Final = 1
UNREADABLE: Final = 2


class Verified(Struct, frozen=True):
    """A draw run again: what was found of it, and where the record differs (zh, en)."""

    draw: str
    seed: str
    venues: tuple[str, ...]
    seats: dict[str, int]
    differences: tuple[tuple[str, str], ...]


def verify(path: Path) -> Verified:
    """Run the draw of a record again.

    Raises:
      Trouble: the file cannot be read, is no record, or holds no published draw (2).
    """
    try:
        read = record.read(replay.read(path))
        entries = [entry.decode(raw) for raw in read.entries]
    except (record.RecordRefused, canonical.NotCanonical, commands.UnknownContent) as error:
        raise Trouble(f"不是有效的记录文件:{error}", f"This is no record: {error}", UNREADABLE) from error
    frozen: PoolFrozen | None = None
    asked: FreezePool | None = None
    published: DrawPublished | None = None
    committed: dict[str, bytes] = {}
    takes: list[SeatWanted] = []
    shown: list[tuple[DrawnMember, SeatTaken, int]] = []
    for one in entries:
        content = one.command.content
        for event in one.events:
            if isinstance(event, PoolFrozen) and isinstance(content, FreezePool):
                frozen, asked, committed, takes = event, content, {}, list(event.seats)
            elif isinstance(event, DrawSeedCommitted):
                committed[event.party] = event.commitment
            elif isinstance(event, DrawPublished) and isinstance(content, PublishDraw):
                published = event
                last = {take.seat: place for place, take in enumerate(takes)}
                shown += [
                    (member, taken, last.get(taken.seat, -1))
                    for member, taken in zip(content.members, event.members, strict=False)
                ]
            elif isinstance(event, ReplacementCalled) and isinstance(content, CallReplacement):
                takes += [take for take in takes if take.seat == event.seat][:1]
                shown += [(m, t, len(takes) - 1) for m, t in zip(content.drawn, event.taken, strict=False)]
            elif isinstance(event, MemberReplaced) and isinstance(content, ReplaceMember) and event.taken:
                wanted = next((take for take in takes if take.seat == event.seat), None)
                if wanted is not None:
                    takes.append(SeatWanted(event.successor, wanted.place, wanted.speciality))
                shown += [(m, t, len(takes) - 1) for m, t in zip(content.drawn, event.taken, strict=False)]
    if frozen is None or asked is None or published is None:
        raise Trouble("记录中没有已公布的抽取。", "The record holds no published draw.", UNREADABLE)
    return _compare(read, frozen, asked, published, committed, takes, shown)


def _compare(
    read: record.Record, frozen: PoolFrozen, asked: FreezePool, published: DrawPublished,
    committed: dict[str, bytes], takes: list[SeatWanted], shown: list[tuple[DrawnMember, SeatTaken, int]],
) -> Verified:  # fmt: skip
    found: list[tuple[str, str]] = []
    if frozen.subject != draw.subject(read.session, asked):
        found.append(("冻结内容的摘要不符", "the digest of what is drawn from differs"))
    shares = draw.shares_of(read.session, frozen, published.shares)
    for share, one in zip(shares, published.shares, strict=True):
        if not chance.reveals(committed.get(one.party, b""), share, one.salt):
            found.append(
                (
                    f"“{one.party}”的随机数与承诺不符",
                    f"the share of “{one.party}” is not the one committed to",
                )
            )
    if sorted(one.party for one in published.shares) != sorted(one.party for one in frozen.parties):
        found.append(("参与方不齐", "shares are missing"))
    seed = draw.seed_of(read.session, frozen, published.shares)
    if seed != published.seed:
        found.append(("种子不符", "the seed differs"))
    venues = draw.venues_drawn(seed, frozen)
    if venues[1:] != published.venues:
        found.append(("副场不符", "the sub-venues differ"))
    try:
        picked = draw.picks(seed, frozen, takes)
    except draw.PoolExhausted as error:
        picked = ()
        found.append((f"专业不足:{error}", f"nobody left of {error}"))
    for member, taken, place in shown:
        pick = picked[place] if 0 <= place < len(picked) else None
        fits = pick is not None and (pick.seat, pick.index, pick.venue.venue) == (
            taken.seat,
            taken.index,
            taken.venue,
        )
        if pick is None or not fits or member.leaf != taken.leaf or not draw.is_leaf(frozen, pick, member):
            found.append(
                (f"席位“{taken.seat}”的人员不是抽取结果", f"seat “{taken.seat}” is not held by who was drawn")
            )
    missing = {take.seat for take in takes} - {taken.seat for _, taken, _ in shown}
    found += [
        (f"席位“{seat}”没有抽取结果", f"nothing is shown for seat “{seat}”") for seat in sorted(missing)
    ]
    told: Roll | None = read.disclosed.get_value(frozen.pool, Roll)
    if told is not None and (root(told), strata(told)) != (frozen.root, frozen.strata):
        found.append(("名册与冻结的根或人数不符", "the roll differs from the frozen root or counts"))
    seats = {pick.seat: pick.index for pick in picked}
    return Verified(frozen.draw, seed.hex(), tuple(v.venue for v in venues), seats, tuple(found))


def show(found: Verified, as_json: bool) -> int:
    """Tell what was found; the exit code."""
    if as_json:
        print(msgspec.json.encode(found).decode(), flush=True)
    else:
        print(f"抽取 draw {found.draw}  种子 seed {found.seed}")
        print(f"会场 venues: {', '.join(found.venues)}")
        for seat, index in found.seats.items():
            print(f"  {seat}: {index}")
        for zh, en in found.differences:
            print(f"✗ {zh} / {en}")
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
