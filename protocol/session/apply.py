"""Applying entries: the one way from a record to its state.

`apply` checks what an entry must be to stand where it stands: session, `seq`, `at` not
falling, the author's signature, the author's rising number, the head it has seen; then
folds its events and grows the tree. `replay_one` also decides again and compares. An entry
that does not fit raises; nothing of it is kept.
"""

from msgspec.structs import replace

from protocol import canonical, commands, entry
from protocol.commands import Command, Head
from protocol.entry import Entry
from protocol.events import Event
from protocol.ledger import tree
from protocol.limits import HEADS_KEPT
from protocol.refusals import Refusal
from protocol.seal import signing
from protocol.session import decide as deciding
from protocol.session.evolve import evolve
from protocol.session.phases import RULES
from protocol.session.state import Order, State, speaker
from protocol.words import PERSON_ROLES


class EntryRefused(ValueError):
    """An entry cannot stand at this place of the record.

    `code` is `WrongSession`, `BadSeq`, `FallingClock`, `BadSignature`, a code that `decide`
    gave, or `OtherEvents`; `seq` is where. The caller stops and keeps both histories.
    """

    def __init__(self, code: str, seq: int) -> None:
        super().__init__(f"{code} at entry {seq}")
        self.code = code
        self.seq = seq


def make_entry(
    state: State | None,
    command: Command,
    sig: str,
    at: int,
    entropy: bytes,
    events: tuple[Event, ...],
) -> Entry:
    """The entry of an accepted command, next in the session."""
    seq = 0 if state is None else state.size
    return Entry(
        v=1, session=command.session, seq=seq, at=at, entropy=entropy, command=command,
        sig=sig, events=events,
    )  # fmt: skip


def apply(state: State | None, one: Entry, raw: bytes | None = None) -> State:
    """The state after an entry from anywhere; the author's signature is verified.

    Args:
      state: as of all entries before; None before genesis.
      one: the entry.
      raw: its canonical bytes, where the caller has them already.

    Raises:
      EntryRefused: it does not fit its place, or its signature does not verify.
    """
    holds = signing.verify_command(one.command, one.sig) if raw is None else signing.verify_known(one)
    if not holds:
        raise EntryRefused("BadSignature", one.seq)
    return apply_known(state, one, raw)


def apply_known(state: State | None, one: Entry, raw: bytes | None = None) -> State:
    """As `apply`, for an entry whose signature the caller has verified or stored itself."""
    return _folded(state, one, tree.leaf_hash(entry.encode(one) if raw is None else raw))


def _folded(state: State | None, one: Entry, leaf: bytes) -> State:
    _check_place(state, one)
    folded = state
    if folded is None:
        folded = replace(evolve(None, one.events[0]), at=one.at)
        rest = one.events[1:]
    else:
        folded = replace(folded, at=one.at)
        rest = one.events
    for event in rest:
        folded = evolve(folded, event)
    return _count(folded, one, leaf)


def replay_one(state: State | None, one: Entry, raw: bytes | None = None) -> State:
    """As `apply`, and the events are those that `decide` gives again.

    Raises:
      EntryRefused: also with the code of the refusal that `decide` gives, or `OtherEvents`.
    """
    _decide_again(state, one)
    return apply(state, one, raw)


def replay_placed(state: State | None, one: Entry, leaf: bytes, *, holds: bool) -> State:
    """As `replay_one`, for an entry of a batch (`authored`): its leaf is hashed, its signature judged.

    Args:
      state: as of all entries before; None before genesis.
      one: the entry.
      leaf: the tree's leaf over its canonical bytes.
      holds: whether its author has signed it.

    Raises:
      EntryRefused: as `replay_one`.
    """
    _decide_again(state, one)
    if not holds:
        raise EntryRefused("BadSignature", one.seq)
    return _folded(state, one, leaf)


def _decide_again(state: State | None, one: Entry) -> None:
    decided = deciding.decide(state, one.command, one.at, one.entropy)
    if isinstance(decided, Refusal):
        raise EntryRefused(decided.code, one.seq)
    if decided != one.events:
        raise EntryRefused("OtherEvents", one.seq)


def _check_place(state: State | None, one: Entry) -> None:
    size = 0 if state is None else state.size
    if one.seq != size:
        raise EntryRefused("BadSeq", one.seq)
    if one.session != one.command.session or not one.events:
        raise EntryRefused("WrongSession", one.seq)
    if state is None:
        if not isinstance(one.command.content, commands.BookSession):
            raise EntryRefused("UnknownSession", one.seq)
        return
    if one.session != state.session:
        raise EntryRefused("WrongSession", one.seq)
    if one.at < state.at:
        raise EntryRefused("FallingClock", one.seq)
    if one.command.author_key == state.installation_key:
        return
    last = state.author_seqs.get(one.command.author_key, 0)
    if one.command.author_seq <= last:
        raise EntryRefused("OutOfOrder", one.seq)
    if not deciding.seen_is_ours(state, one.command.seen):
        raise EntryRefused("SeenUnknown", one.seq)


def _count(state: State, one: Entry, leaf: bytes) -> State:
    """The author's number, the author's order of acts, and the tree with its new leaf."""
    command = one.command
    frontier = tree.append(state.frontier, leaf)
    now = Head(frontier.size, tree.frontier_root(frontier))
    heads = (*state.heads, now)[-HEADS_KEPT:]
    changed = replace(state, frontier=frontier, heads=heads)
    if command.author_key == state.installation_key:
        return changed
    seqs = {**state.author_seqs, command.author_key: command.author_seq}
    return replace(changed, author_seqs=seqs, orders=_orders(changed, command))


def _orders(state: State, command: Command) -> dict[str, Order]:
    """A hash chain over each person's accepted acts, by seat; bindings, nodes and uncounted acts left out."""
    who = speaker(state, command.author_key)
    if who is None or who.role not in PERSON_ROLES or command.type == "BindSeat":
        return state.orders
    if command.type in RULES[state.rules_version].uncounted:
        return state.orders
    before = state.orders.get(who.seat, Order(0, bytes(32)))
    act = canonical.tagged_digest("order-act/v1", [command.type, command.stage])
    chain = canonical.sha256(canonical.tag("order/v1") + before.chain + act)
    return {**state.orders, who.seat: Order(before.count + 1, chain)}
