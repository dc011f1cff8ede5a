"""A record's draw worked out anew, step by step (抽取复核): what held, what did not, and at which entry.

Owns the steps and what each compares. Reads public fields alone, and hidden ones where the record has them;
the rules are `protocol.session.draw`'s. Must not know a terminal.
"""

from collections.abc import Iterator

from msgspec import Struct

from protocol import canonical, chance
from protocol.commands_draw import (
    CallReplacement,
    DrawnMember,
    FreezePool,
    PublishDraw,
    RedrawCommittee,
    ReplaceMember,
    SeatWanted,
)
from protocol.entry import Entry
from protocol.events_draw import (
    CommitteeRedrawn,
    DrawPublished,
    DrawSeedCommitted,
    DrawSeedRevealed,
    MemberReplaced,
    PoolFrozen,
    ReplacementCalled,
    SeatTaken,
)
from protocol.hidden import Disclosed
from protocol.pool import roll
from protocol.pool.expert import Expert, Party
from protocol.pool.roll import Roll, root, strata
from protocol.record import Record
from protocol.seal import signing
from protocol.session import draw
from protocol.session.draw import Pick

Told = tuple[str, str]
"""What is said, in Chinese and in English."""

STEPS: dict[str, Told] = {
    "signed": ("抽取各条目的签名", "the draw's entries are signed by their authors"),
    "frozen": ("冻结内容与摘要", "what was frozen is what its digest says"),
    "roll": ("名册、根与人数,回避筛查", "the roll gives root and counts, the filter its exclusions"),
    "committed": ("各方先承诺、后揭示", "every party committed before anybody revealed"),
    "shares": ("随机数与承诺相符", "every share is the one committed to"),
    "seed": ("种子", "the seed follows from the shares"),
    "venues": ("副场", "the sub-venues follow from the seed"),
    "seats": ("席位与人员", "every seat is held by who was drawn"),
}
"""The steps in their order."""


class Difference(Struct, frozen=True):
    """Where a record is not what its draw gives: the step, the entry (-1: none), and why."""

    step: str
    seq: int
    zh: str
    en: str


class Shown(Struct, frozen=True):
    """A person that an entry shows for a seat; `place` is which taking of all it must be, -1 for none."""

    seq: int
    member: DrawnMember
    taken: SeatTaken
    place: int


class Drawn(Struct):
    """What a record holds of its last draw; `takes` are all takings in order, `seqs` where events stand."""

    frozen: PoolFrozen | None = None
    asked: FreezePool | None = None
    published: DrawPublished | None = None
    committed: dict[str, bytes] = {}
    revealed: list[str] = []
    early: list[str] = []
    takes: list[SeatWanted] = []
    shown: list[Shown] = []
    seqs: dict[str, int] = {}
    unsigned: list[tuple[int, str]] = []


def gathered(entries: list[Entry]) -> Drawn:
    """The last draw of a record; a draw that was frozen anew begins anew."""
    found = Drawn()
    for one in entries:
        for event in one.events:
            _take(found, one, event)
    return found


def _take(found: Drawn, one: Entry, event: object) -> None:
    content = one.command.content
    if isinstance(event, PoolFrozen) and isinstance(content, FreezePool):
        found.frozen, found.asked, found.published = event, content, None
        found.committed, found.revealed, found.early, found.shown = {}, [], [], []
        found.takes, found.unsigned = list(event.seats), []
    elif isinstance(event, DrawSeedCommitted):
        found.committed[event.party] = event.commitment
        found.early += found.revealed
    elif isinstance(event, DrawSeedRevealed):
        found.revealed.append(event.party)
    elif isinstance(event, DrawPublished) and isinstance(content, PublishDraw):
        found.published = event
        last = {take.seat: place for place, take in enumerate(found.takes)}
        for member, taken in zip(content.members, event.members, strict=False):
            found.shown.append(Shown(one.seq, member, taken, last.get(taken.seat, -1)))
    elif isinstance(event, ReplacementCalled) and isinstance(content, CallReplacement):
        found.takes += [take for take in found.takes if take.seat == event.seat][:1]
        _show_last(found, one, content.drawn, event.taken)
    elif isinstance(event, MemberReplaced) and isinstance(content, ReplaceMember) and event.taken:
        wanted = next((take for take in found.takes if take.seat == event.seat), None)
        if wanted is not None:
            found.takes.append(SeatWanted(event.successor, wanted.place, wanted.speciality))
        _show_last(found, one, content.drawn, event.taken)
    elif isinstance(event, CommitteeRedrawn) and isinstance(content, RedrawCommittee):
        first = len(found.takes)
        found.takes += event.seats
        for place, (member, taken) in enumerate(zip(content.members, event.members, strict=False), first):
            found.shown.append(Shown(one.seq, member, taken, place))
    else:
        return
    found.seqs[type(event).__name__] = one.seq
    if not signing.verify_command(one.command, one.sig):
        found.unsigned.append((one.seq, one.command.type))


def _show_last(
    found: Drawn, one: Entry, drawn: tuple[DrawnMember, ...], taken: tuple[SeatTaken, ...]
) -> None:
    for member, who in zip(drawn, taken, strict=False):
        found.shown.append(Shown(one.seq, member, who, len(found.takes) - 1))


def differences(read: Record, found: Drawn) -> tuple[Difference, ...]:
    """Where a record is not what its published draw gives, in the order of the steps."""
    return tuple(_differences(read, found))


def _differences(read: Record, found: Drawn) -> Iterator[Difference]:
    frozen, published = found.frozen, found.published
    assert frozen is not None
    assert published is not None
    at = found.seqs
    for seq, type_ in found.unsigned:
        zh, en = f"“{type_}”的签名无效", f"the signature of {type_} does not verify"
        yield Difference("signed", seq, zh, en)
    if found.asked is None or frozen.subject != draw.subject(read.session, found.asked):
        zh, en = "冻结内容的摘要不符", "the digest of what is drawn from differs"
        yield Difference("frozen", at["PoolFrozen"], zh, en)
    yield from _roll(read.disclosed, frozen, at["PoolFrozen"])
    for party in dict.fromkeys(found.early):
        zh, en = f"“{party}”在各方承诺之前已揭示", f"“{party}” revealed before all had committed"
        yield Difference("committed", at.get("DrawSeedRevealed", -1), zh, en)
    shares = draw.shares_of(read.session, frozen, published.shares)
    for share, one in zip(shares, published.shares, strict=True):
        if not chance.reveals(found.committed.get(one.party, b""), share, one.salt):
            zh = f"“{one.party}”的随机数与承诺不符"
            en = f"the share of “{one.party}” is not the one committed to"
            yield Difference("shares", at["DrawPublished"], zh, en)
    if sorted(one.party for one in published.shares) != sorted(one.party for one in frozen.parties):
        yield Difference("shares", at["DrawPublished"], "参与方不齐", "shares are missing")
        return
    seed = draw.seed_of(read.session, frozen, published.shares)
    if seed != published.seed:
        yield Difference("seed", at["DrawPublished"], "种子不符", "the seed differs")
    if draw.venues_drawn(seed, frozen)[1:] != published.venues:
        yield Difference("venues", at["DrawPublished"], "副场不符", "the sub-venues differ")
    yield from _seats(found, frozen, seed)


def _roll(disclosed: Disclosed, frozen: PoolFrozen, seq: int) -> Iterator[Difference]:
    """The roll, and the filter as far as parties and facts are disclosed with the record."""
    try:
        told: Roll | None = disclosed.get_value(frozen.pool, Roll)
        parties: tuple[Party, ...] | None = disclosed.get_value(frozen.sieved_by, tuple[Party, ...])
        leaves = () if told is None else (*told.eligible, *(gone.leaf for gone in told.left))
        known = {
            leaf.facts: disclosed.value(leaf.facts, Expert) for leaf in leaves if leaf.facts in disclosed
        }
    except canonical.NotCanonical as error:
        yield Difference("roll", seq, f"名册无法读取:{error}", f"the roll cannot be read: {error}")
        return
    if told is None:
        return
    if (root(told), strata(told)) != (frozen.root, frozen.strata):
        zh, en = "名册与冻结的根或人数不符", "the roll differs from the frozen root or counts"
        yield Difference("roll", seq, zh, en)
    for who in roll.differences(told, parties, known) if parties is not None else ():
        zh, en = f"“{who[0]}”的回避筛查结果不符", f"the filter finds otherwise for “{who[0]}”"
        yield Difference("roll", seq, zh, en)


def _seats(found: Drawn, frozen: PoolFrozen, seed: bytes) -> Iterator[Difference]:
    picked: tuple[Pick, ...] = ()
    try:
        picked = draw.picks(seed, frozen, found.takes)
    except draw.PoolExhausted as error:
        yield Difference("seats", -1, f"专业不足:{error}", f"nobody left of {error}")
    for one in found.shown:
        pick = picked[one.place] if 0 <= one.place < len(picked) else None
        if pick is None or not _holds(frozen, pick, one):
            zh = f"席位“{one.taken.seat}”的人员不是抽取结果"
            en = f"seat “{one.taken.seat}” is not held by who was drawn"
            yield Difference("seats", one.seq, zh, en)
    missing = {take.seat for take in found.takes} - {one.taken.seat for one in found.shown}
    for seat in sorted(missing):
        yield Difference("seats", -1, f"席位“{seat}”没有抽取结果", f"nothing is shown for seat “{seat}”")


def _holds(frozen: PoolFrozen, pick: Pick, one: Shown) -> bool:
    same = (pick.seat, pick.index, pick.venue.venue) == (one.taken.seat, one.taken.index, one.taken.venue)
    return same and one.member.leaf == one.taken.leaf and draw.is_leaf(frozen, pick, one.member)
