"""A record that was touched does not replay: flips, drops, swaps, splices, re-signed forgeries."""

import random
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from protocol import canonical, entry, hidden, record
from protocol import commands as cmd
from protocol.entry import Entry
from protocol.hidden import Disclosure
from protocol.ledger import tree
from protocol.record import RecordRefused
from protocol.seal import signing
from tests.protocol.golden.make import golden_world
from tests.protocol.world import World, key, private_key, salt

SEEDS = range(200)


@pytest.fixture(scope="module")
def world() -> World:
    return golden_world()


@pytest.fixture(scope="module")
def raw(world: World) -> bytes:
    return record.write(world.session, world.entries, world.held)


def _replays_otherwise(changed: bytes, world: World) -> bool:
    """Whether a changed file is taken for a record with another tree or more disclosed than it holds."""
    try:
        read = record.read(changed)
        state = record.replay(read)
    except RecordRefused:
        return False
    return state != world.at or tree.root([tree.leaf_hash(e) for e in read.entries]) != tree.frontier_root(
        world.at.frontier
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mutant_is_refused_or_changes_nothing(seed: int, raw: bytes, world: World) -> None:
    dice = random.Random(seed)
    lines = raw.split(b"\n")[:-1]
    kind = dice.choice(["flip", "drop", "double", "swap", "cut", "insert"])
    at = dice.randrange(1, len(world.entries) + 1)
    if kind == "flip":
        line = bytearray(lines[at])
        spot = dice.randrange(len(line))
        line[spot] ^= 1 << dice.randrange(8)
        lines[at] = bytes(line)
    elif kind == "drop":
        del lines[at]
    elif kind == "double":
        lines.insert(at, lines[at])
    elif kind == "swap":
        other = dice.choice([n for n in range(1, len(world.entries) + 1) if n != at])
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == "cut":
        lines = lines[:at]
    else:
        lines.insert(at, dice.randbytes(40).replace(b"\n", b" "))
    assert not _replays_otherwise(b"\n".join(lines) + b"\n", world)
    with pytest.raises(RecordRefused):
        record.replay(record.read(b"\n".join(lines) + b"\n"))


def _resigned(world: World, seq: int, change: Callable[[Entry], Entry], author: str) -> bytes:
    """A record whose entry was changed and signed anew by somebody."""
    entries = list(world.entries)
    one = change(entry.decode(entries[seq]))
    sig = signing.sign(private_key(author), entry.signed_bytes(one.command))
    entries[seq] = entry.encode(replace(one, sig=sig))
    return record.write(world.session, entries, world.held)


def _seq(world: World, type_: str, nth: int = 0) -> int:
    found = [n for n, raw in enumerate(world.entries) if entry.decode(raw).command.type == type_]
    return found[nth]


def _code(raw: bytes) -> tuple[str, int]:
    with pytest.raises(RecordRefused) as caught:
        record.replay(record.read(raw))
    return caught.value.code, caught.value.seq


def test_a_forger_with_another_key_is_named(world: World) -> None:
    seq = _seq(world, "SealSheet")
    assert _code(_resigned(world, seq, lambda one: one, "forger")) == ("BadSignature", seq)

    def as_forger(one: Entry) -> Entry:
        return replace(one, command=replace(one.command, author_key=key("forger")))

    assert _code(_resigned(world, seq, as_forger, "forger")) == ("UnknownAuthor", seq)


def test_events_that_the_rules_do_not_give_are_found_though_all_is_signed(world: World) -> None:
    seq = _seq(world, "CloseScoring")

    def other(one: Entry) -> Entry:
        return replace(one, events=one.events[:1])

    assert _code(_resigned(world, seq, other, "agent")) == ("OtherEvents", seq)


def test_a_tally_that_its_own_author_changed_is_found(world: World) -> None:
    seq = _seq(world, "PublishTally")
    truth = entry.decode(world.entries[seq])
    assert isinstance(truth.command.content, cmd.PublishTally)
    value = world.disclosed[truth.command.content.tally].value.replace('"rank":1', '"rank":9')
    false = hidden.disclose("tally", salt("false"), canonical.decode(value.encode(), object, 10**6))
    entries = list(world.entries)
    command = replace(truth.command, content=cmd.PublishTally(false.digest))
    event = replace(truth.events[0], tally=false.digest)
    sig = signing.sign(private_key("agent"), entry.signed_bytes(command))
    entries[seq] = entry.encode(replace(truth, command=command, events=(event,), sig=sig))
    raw = record.write(world.session, entries, [*world.held, false])
    assert _code(raw) == ("TallyMismatch", seq)


def test_a_changed_disclosure_is_found(world: World) -> None:
    def change(one: Disclosure) -> Disclosure:
        return replace(one, value='"1.00"') if one.field == "price" else one

    raw = record.write(world.session, world.entries, [change(one) for one in world.held])
    with pytest.raises(RecordRefused, match="DisclosureMismatch"):
        record.read(raw)


def test_two_sessions_do_not_splice(world: World) -> None:
    other = World(world.case, session="s-other")
    other.to_archived()
    entries = [*world.entries[:10], *other.entries[10:]]
    assert _code(record.write(world.session, entries, world.held)) == ("WrongSession", 10)


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"{}\n", b'{"entries":0,"record":1,"session":"s"}\n', b"\xff\xfe\n", b"x" * 10]
)
def test_what_is_no_record_is_said_so(raw: bytes) -> None:
    with pytest.raises(RecordRefused):
        record.replay(record.read(raw))
