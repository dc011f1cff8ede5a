"""The node's own copy: it takes what the rules give, and nothing forged, gapped or contradicting."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from protocol import canonical, entry
from protocol import commands as cmd
from protocol.commands import Command
from protocol.entry import Entry
from protocol.ledger import tree
from protocol.plan.case import Case
from protocol.projection import project
from protocol.projection.visibility import releasable
from protocol.refusals import Refusal
from protocol.seal import signing
from protocol.session.apply import make_entry
from protocol.session.decide import decide
from protocol.session.outcome import outcome_digest
from protocol.wire import Feed
from protocol.words import Role
from sub_venue.journal.copies import Copies
from sub_venue.journal.disk import Disk, NotDurable
from sub_venue.journal.replica import CopyRefused, Gap, Replica, read_copy
from tests.protocol.world import World, key, private_key

AT = 5


@pytest.fixture
async def disk() -> AsyncIterator[Disk]:
    found = Disk(1_000_000)
    yield found
    await found.close()


@pytest.fixture
def copies(disk: Disk, tmp_path: Path) -> Copies:
    return Copies(disk, tmp_path / "sessions", key("installation"))


@pytest.fixture(scope="module")
def played(case: Case) -> World:
    """A session played to its ranking, for all tests to read."""
    world = World(case, "s-1")
    world.to_ranked()
    return world


def feed(world: World, since: int = 0, until: int | None = None, held: bool = True) -> Feed:
    texts = tuple(raw.decode() for raw in world.entries[since:until])
    return Feed(world.session, since, len(world.entries), texts, tuple(world.held) if held else ())


def altered(world: World, seq: int, **fields: object) -> str:
    """An entry with other fields, in canonical form."""
    one = replace(entry.decode(world.entries[seq]), **fields)
    return canonical.encode(one).decode()


def with_entry(world: World, seq: int, text: str) -> Feed:
    """A feed in which one entry is another text."""
    whole = feed(world)
    texts = (*whole.entries[:seq], text, *whole.entries[seq + 1 :])
    return replace(whole, entries=texts)


async def refused(copies: Copies, given: Feed) -> tuple[str, int]:
    with pytest.raises(CopyRefused) as caught:
        await copies.take(given, AT)
    return caught.value.code, caught.value.seq


def files_below(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.rglob(pattern))


def replica(copies: Copies) -> Replica:
    found = copies.get("s-1")
    assert found is not None
    return found


async def test_a_copy_folds_to_what_the_coordinator_has(copies: Copies, played: World) -> None:
    await copies.take(feed(played, 0, 3), AT)
    await copies.take(feed(played, 3), AT)
    mine = replica(copies)
    assert mine.state == played.at
    assert outcome_digest(played.at, mine.disclosed) == outcome_digest(played.at, played.disclosed)
    roles: tuple[Role, ...] = ("expert", "agent", "bidder")
    for role in roles:
        lines = mine.lines(role, 0, 10_000)
        assert [line.seq for line in lines] == list(range(len(played.entries)))
        frontier = tree.EMPTY
        for line in lines:
            frontier = tree.append(frontier, line.leaf)
        assert tree.frontier_root(frontier) == tree.frontier_root(played.at.frontier)
    assert any(not line.type for line in mine.lines("bidder", 0, 10_000))


async def test_a_copy_is_found_again(copies: Copies, played: World, disk: Disk, tmp_path: Path) -> None:
    await copies.take(feed(played), AT)
    again = replica(Copies(disk, tmp_path / "sessions", key("installation")))
    assert again.state == played.at
    assert set(again.disclosed) == set(played.disclosed)
    assert again.lines("expert", 0, 10_000) == replica(copies).lines("expert", 0, 10_000)
    entries, disclosures = read_copy(tmp_path / "sessions" / "s-1.copy")
    assert list(entries) == played.entries
    assert {one.digest for one in disclosures} == set(played.disclosed)


async def test_a_feed_with_a_gap_is_not_taken(copies: Copies, played: World) -> None:
    await copies.take(feed(played, 0, 4), AT)
    with pytest.raises(Gap) as caught:
        await copies.take(feed(played, 5), AT)
    assert caught.value.size == 4
    await copies.take(feed(played, 2), AT)
    assert replica(copies).state == played.at


async def test_the_same_feed_twice_is_the_same_as_once(copies: Copies, played: World) -> None:
    grown: list[str] = []
    copies.listen(grown.append)
    await copies.take(feed(played), AT)
    await copies.take(feed(played), AT)
    assert grown == ["s-1"]
    assert replica(copies).size == len(played.entries)


def check_ins(world: World) -> tuple[int, Entry, Entry]:
    """The place of the first check-in, its entry, and that of another author's after it."""
    places = [n for n, raw in enumerate(world.entries) if entry.decode(raw).command.type == "CheckIn"]
    first, second = (entry.decode(world.entries[place]) for place in places[:2])
    return places[0], first, second


def other_signature(world: World) -> Feed:
    seq, _, other = check_ins(world)
    return with_entry(world, seq, altered(world, seq, sig=other.sig))


def other_events(world: World) -> Feed:
    seq, _, other = check_ins(world)
    return with_entry(world, seq, altered(world, seq, events=other.events))


def other_entropy_length(world: World) -> Feed:
    seq, _, _ = check_ins(world)
    return with_entry(world, seq, altered(world, seq, entropy=b"short"))


def left_out(world: World) -> Feed:
    seq, _, _ = check_ins(world)
    whole = feed(world)
    return replace(whole, entries=(*whole.entries[:seq], *whole.entries[seq + 1 :]))


def falling_clock(world: World) -> Feed:
    seq, one, _ = check_ins(world)
    return with_entry(world, seq, altered(world, seq, at=one.at - 3_600_000))


def not_canonical(world: World) -> Feed:
    seq, _, _ = check_ins(world)
    return with_entry(world, seq, world.entries[seq].decode() + " ")


def other_session(world: World) -> Feed:
    seq, _, _ = check_ins(world)
    return with_entry(world, seq, altered(world, seq, session="s-2"))


def done_again(world: World) -> Feed:
    """The same check-in once more, as the next entry: the author's number does not rise."""
    seq, one, _ = check_ins(world)
    return with_entry(world, seq + 1, canonical.encode(replace(one, seq=seq + 1)).decode())


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (other_signature, "BadSignature"),
        (other_events, "OtherEvents"),
        (other_entropy_length, "Malformed"),
        (left_out, "BadSeq"),
        (falling_clock, "FallingClock"),
        (not_canonical, "Malformed"),
        (other_session, "WrongSession"),
        (done_again, "OutOfOrder"),
    ],
)
async def test_a_forged_feed_stops_the_copy_where_it_was(
    copies: Copies, played: World, disk: Disk, tmp_path: Path, forge: Callable[[World], Feed], code: str
) -> None:
    await copies.take(feed(played, 0, 2), AT)
    told, _ = await refused(copies, forge(played))
    assert told == code
    assert replica(copies).size == 2
    # It stays stopped, through a restart too, and the proof lies beside it.
    again = Copies(disk, tmp_path / "sessions", key("installation"))
    assert (await refused(again, feed(played)))[0] == code
    assert replica(again).size == 2
    fault = replica(again).fault
    assert fault is not None
    assert fault.given


async def test_two_histories_are_seen_even_where_the_copy_already_is(copies: Copies, played: World) -> None:
    await copies.take(feed(played), AT)
    other = World(played.case, "s-1")
    other.now += 1
    other.book()
    assert (await refused(copies, feed(other)))[0] == "TwoHistories"


async def test_a_genesis_of_another_installation_is_refused(
    disk: Disk, tmp_path: Path, played: World
) -> None:
    foreign = Copies(disk, tmp_path / "foreign", key("another installation"))
    assert await refused(foreign, feed(played)) == ("OtherInstallation", 0)


async def test_a_tally_that_the_rules_do_not_give_is_seen_by_the_node(copies: Copies, case: Case) -> None:
    """A coordinator that lies about the ranking needs every node to look away."""
    world = World(case, "s-1")
    world.to_scoring()
    for seat in world.members():
        world.seal(seat, "01", "1")
    world.must("agent", cmd.CloseScoring(), world.stage("01", "1"))
    world.open_scores("01", "1")
    await copies.take(feed(world), AT)
    lie = world.hide("tally", "lie", {"lot": "01"})
    command = world.command("agent", cmd.PublishTally(lie.digest), world.stage("01", "1"))
    one = _signed_entry(world, command)
    given = Feed("s-1", one.seq, one.seq + 1, (canonical.encode(one).decode(),), (lie,))
    assert await refused(copies, given) == ("TallyMismatch", one.seq)


def _signed_entry(world: World, command: Command) -> Entry:
    decided = decide(world.at, command, world.now, bytes(32))
    assert not isinstance(decided, Refusal)
    sig = signing.sign(private_key("agent"), entry.signed_bytes(command))
    return make_entry(world.at, command, sig, world.now, bytes(32), decided)


async def test_a_false_disclosure_is_left_out(copies: Copies, played: World) -> None:
    true = next(one for one in played.held if one.field == "price")
    false = replace(true, value='"1.00"')
    await copies.take(replace(feed(played, held=False), disclosures=(false,)), AT)
    assert true.digest not in replica(copies).disclosed
    await copies.take(replace(feed(played, held=False), disclosures=(true,)), AT)
    assert replica(copies).disclosed[true.digest] == true


async def test_nothing_is_shown_that_is_not_on_disk(tmp_path: Path, played: World) -> None:
    disk = Disk(1_000_000)
    copies = Copies(disk, tmp_path / "sessions", key("installation"))
    await copies.take(feed(played, 0, 3), AT)
    await disk.close()
    with pytest.raises(NotDurable):
        await copies.take(feed(played, 3), AT)
    assert replica(copies).size == 3


async def test_an_ended_session_is_read_when_somebody_asks(
    copies: Copies, case: Case, disk: Disk, tmp_path: Path
) -> None:
    world = World(case, "s-1")
    world.to_archived()
    await copies.take(feed(world), AT)
    again = Copies(disk, tmp_path / "sessions", key("installation"))
    assert again.going_on() == ()
    assert "s-1" in again.asleep()
    (note,) = again.notes()
    assert (note.size, note.phase) == (len(world.entries), "ARCHIVED")
    assert again.size("s-1") == note.size
    assert again.state("s-1") == world.at
    assert "s-1" not in again.asleep()


async def test_a_name_that_is_no_session_never_becomes_a_file(copies: Copies, tmp_path: Path) -> None:
    given = Feed("../s-1", 0, 1, ("{}",), ())
    assert (await refused(copies, given))[0] == "Malformed"
    assert not files_below(tmp_path, "*.copy")


async def test_views_folded_from_what_a_node_may_hold_equal_those_folded_from_everything(
    copies: Copies, played: World
) -> None:
    """Decision 2: a node folds its own projections and they are the same."""
    held = releasable(played.at, played.disclosed, frozenset(("expert", "witness")), "shanghai")
    await copies.take(replace(feed(played, held=False), disclosures=tuple(held.values())), AT)
    mine = replica(copies)
    assert mine.state is not None
    ours = project.view(mine.state, mine.disclosed, "expert", "M2")
    theirs = project.view(played.at, played.disclosed, "expert", "M2")
    assert msgspec.json.encode(ours) == msgspec.json.encode(theirs)


async def test_a_feed_whose_line_breaks_is_taken_whole_all_the_same(
    copies: Copies, disk: Disk, played: World, tmp_path: Path
) -> None:
    taking = asyncio.ensure_future(copies.take(feed(played, 0, 5), AT))
    await asyncio.sleep(0)
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    await copies.reached(played.session, 5)
    await copies.take(feed(played, 5), AT)
    entries, _ = read_copy(tmp_path / "sessions" / f"{played.session}.copy")
    assert entries == tuple(played.entries)


async def test_entries_that_stand_twice_in_a_copys_file_are_read_once(
    copies: Copies, disk: Disk, played: World, tmp_path: Path
) -> None:
    await copies.take(feed(played), AT)
    path = tmp_path / "sessions" / f"{played.session}.copy"
    _, found = disk.open(path)
    twice, _ = disk.open(tmp_path / "twice.copy")
    for frame in (*found, found[-1]):
        await disk.append(twice, frame.payload)
    again = Replica(played.session, disk, tmp_path / "twice.copy", key("installation"))
    assert again.size == len(played.entries)
