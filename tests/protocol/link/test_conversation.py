"""Two pure objects in memory: a node with outbox and feeds, a coordinator with a record, a bad network.

Messages are lost, doubled and reordered, lines break, the coordinator is busy for a moment; then it is calm.
Whatever happened, every act stands once in the record, in its author's order, its final answer came once, and
the node's copy is the record.
"""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import wire
from protocol.ledger import tree
from protocol.link.feed import Feeds, Gap, Question, TwoHistories, new_entries
from protocol.link.outbox import Author, Outbox, Parcel
from protocol.link.pauses import DICE_MAX, Pauses
from protocol.refusals import refuse
from protocol.wire import Answer, Feed, SessionNote

PAUSES = Pauses(first_ms=10, longest_ms=80)
WAIT_MS = 200
MESSAGE_ENTRIES_MAX = 3
SESSION = "s-1"
AUTHORS: tuple[Author, ...] = ((SESSION, "M1"), (SESSION, "M2"), (SESSION, "M3"))
CALM_MS_MAX = 60_000


class Coordinator:
    """The other side: one record; a repeat gets the first answer."""

    def __init__(self) -> None:
        self.record: list[str] = []
        self.answers: dict[str, Answer] = {}

    def submit(self, command_id: str, *, busy: bool) -> Answer:
        if command_id in self.answers:
            return self.answers[command_id]
        if busy:
            return Answer(command_id=command_id, status="refused", refused=wire.refused(refuse("TooBusy")))
        if command_id.endswith("!"):
            answer = Answer(
                command_id=command_id, status="refused", refused=wire.refused(refuse("AlreadyDone"))
            )
        else:
            answer = Answer(command_id=command_id, status="accepted", seq=len(self.record))
            self.record.append(command_id)
        self.answers[command_id] = answer
        return answer

    def feed(self, since: int) -> Feed:
        entries = tuple(self.record[since : since + MESSAGE_ENTRIES_MAX])
        return Feed(SESSION, since, len(self.record), entries, ())


class Node:
    """This side: what is kept, what was answered, and the copy."""

    def __init__(self) -> None:
        self.outbox = Outbox(PAUSES, WAIT_MS, out_max=2)
        self.feeds = Feeds(PAUSES, WAIT_MS, out_max=2)
        self.kept = 0
        self.names: dict[int, str] = {}
        self.finals: dict[str, Answer] = {}
        self.copy: list[str] = []

    def keep(self, author: Author, name: str) -> None:
        self.kept += 1
        self.names[self.kept] = name
        self.outbox.add(author, self.kept, name)

    def answer(self, number: int, answer: Answer, at: int, dice: int) -> None:
        final = self.outbox.answered(number, answer, at, dice)
        if final is not None:
            assert self.names[number] not in self.finals, "a second final answer"
            self.finals[self.names[number]] = final

    def take(self, feed: Feed, at: int) -> None:
        found = new_entries([tree.leaf_hash(text.encode()) for text in self.copy], feed)
        assert not isinstance(found, TwoHistories)
        if isinstance(found, Gap):
            self.feeds.gap(SESSION, feed.size, at)
            return
        self.copy.extend(found)
        self.feeds.holds(SESSION, len(self.copy))


class Between:
    """Both sides, the messages between them, and the clock; `random` is what may go wrong."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.node, self.coordinator = Node(), Coordinator()
        self.at = 0
        self.flying: list[tuple[str, Any]] = []
        self.bad = True

    def dice(self) -> int:
        return self.random.randint(0, DICE_MAX)

    def fly(self, kind: str, message: Any) -> None:
        """Send a message: in bad times it may be lost, or come twice."""
        times = self.random.choice((0, 1, 1, 1, 2)) if self.bad else 1
        self.flying.extend([(kind, message)] * times)

    def line_up(self) -> None:
        notes = (SessionNote(SESSION, len(self.coordinator.record), "BOOKED"),)
        self.node.outbox.line_up(self.at)
        self.node.feeds.line_up(notes, frozenset(), self.at)

    def line_down(self) -> None:
        self.flying.clear()
        self.node.outbox.line_down()
        self.node.feeds.line_down()

    def pump(self) -> None:
        for parcel in self.node.outbox.send(self.at, self.dice()):
            self.fly("submit", parcel)
        for question in self.node.feeds.ask(self.at, self.dice()):
            self.fly("ask", question)

    def land(self) -> None:
        """One message arrives; in bad times any of them, else the oldest."""
        place = self.random.randrange(len(self.flying)) if self.bad else 0
        kind, message = self.flying.pop(place)
        getattr(self, f"_{kind}")(message)

    def _submit(self, parcel: Parcel) -> None:
        before = len(self.coordinator.record)
        busy = self.bad and self.random.random() < 0.3
        answer = self.coordinator.submit(parcel.command_id, busy=busy)
        self.fly("answer", (parcel.number, answer))
        if len(self.coordinator.record) > before:
            self.fly("push", self.coordinator.feed(before))

    def _answer(self, message: tuple[int, Answer]) -> None:
        self.node.answer(*message, self.at, self.dice())

    def _ask(self, question: Question) -> None:
        self.fly("told", (question, self.coordinator.feed(question.since)))

    def _told(self, message: tuple[Question, Feed]) -> None:
        question, feed = message
        self.node.take(feed, self.at)
        self.node.feeds.answered(question, feed.size, self.at, self.dice())

    def _push(self, feed: Feed) -> None:
        self.node.take(feed, self.at)

    def storm(self, steps: int) -> None:
        """Anything in any order."""
        for step in range(steps):
            self.at += self.random.randint(0, 40)
            what = self.random.choice(("keep", "pump", "land", "land", "land", "pump", "up", "down"))
            if what == "keep":
                author = self.random.choice(AUTHORS)
                self.node.keep(author, f"{author[1]}/{step}{self.random.choice(('', '', '!'))}")
            elif what == "pump":
                self.pump()
            elif what == "land" and self.flying:
                self.land()
            elif what == "up":
                self.line_up()
            elif what == "down":
                self.line_down()

    def calm(self) -> None:
        """Nothing goes wrong any more: run until nobody has anything to do."""
        self.bad = False
        self.line_down()
        self.line_up()
        end = self.at + CALM_MS_MAX
        while True:
            self.pump()
            if self.flying:
                self.land()
                continue
            times = [self.node.outbox.next_at(), self.node.feeds.next_at()]
            next_at = min((time for time in times if time is not None), default=None)
            if next_at is None:
                return
            self.at = max(self.at, next_at)
            assert self.at < end, "it never comes to rest"


@settings(max_examples=200, deadline=None)
@given(st.integers(min_value=0), st.integers(min_value=10, max_value=400))
def test_whatever_the_network_did_every_act_is_answered_once_and_the_copy_is_the_record(
    seed: int, steps: int
) -> None:
    between = Between(Random(seed))
    between.storm(steps)
    between.calm()
    node, record = between.node, between.coordinator.record
    assert set(node.finals) == set(node.names.values())
    assert node.finals == {name: between.coordinator.answers[name] for name in node.names.values()}
    for author in AUTHORS:
        kept = [name for name in node.names.values() if name.startswith(author[1]) and not name.endswith("!")]
        assert [name for name in record if name.startswith(author[1])] == kept
    assert node.copy == record
    assert len(node.outbox) == 0
