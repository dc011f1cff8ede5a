"""A hall: a scripted evaluation held in memory, everybody by the very rules that play over the real stack.

Owns what processes own there: who has signed in, what the venues' nodes do by themselves, the agent's desk,
and a clock that goes on to the next thing that is waited for. Deterministic: names and counters alone.
"""

import random
from pathlib import Path
from typing import Any

import msgspec

from main_venue.agent_desk import AgentDesk
from main_venue.case_shelf import CaseShelf
from main_venue.draw_desk import OFFICE, DrawDesk
from ops import experts
from ops.people import doing, script
from ops.people.deed import Deed, Recollection, Scene
from ops.people.roles.next import next_deed_of
from ops.scripts.scripted import Scripted
from ops.senses import Dice
from protocol import canonical, hidden
from protocol import commands as cmd
from protocol.commands import Command
from protocol.entry import Entry
from protocol.hidden import Disclosure, Opening
from protocol.projection import project
from protocol.refusals import Refusal
from protocol.session.deadlines import due
from protocol.session.state import Seat
from protocol.wire import NodeNote, Prepare, Prepared
from protocol.words import Stage
from server.sessions import admission
from sub_venue.seats import own_acts
from tests.protocol.world import World, key, salt

ROUNDS_MAX = 400
STEP_MS = 1_000
"""How far the clock goes on with each act (`World.take`)."""
BY_NODES = ("TryOpening", "OpenSheet")


def _salt(*why: str) -> bytes:
    return salt("/".join(why))


class Hall(World):
    """One session of a script; `order` shuffles who is asked first in each round."""

    def __init__(self, scripted: Scripted, folder: Path, order: int = 0) -> None:
        super().__init__(scripted.case, f"s-{scripted.name}", rules="3")
        self.scripted = scripted
        self.order = random.Random(order)
        self.waits: list[int] = []
        self.humans: frozenset[str] = frozenset()
        self.memories: dict[str, Recollection] = {}
        self.dice = Dice(scripted.name)
        self.nodes = tuple(
            NodeNote(v.id, key(f"node {v.id}"), v.zh, v.en, v.province, online=True) for v in self.case.venues
        )
        main = next(venue.id for venue in self.case.venues if venue.role == "main")
        pool = folder.with_suffix(".pool")
        pool.write_bytes(msgspec.json.encode(experts.sample()))
        draws = DrawDesk(folder.with_suffix(".draws"), pool, _salt, key(OFFICE))
        self.desk = AgentDesk(CaseShelf(folder), _salt, key("installation"), main, draws)

    def take(
        self, command: Command, author: str, disclosures: tuple[Disclosure, ...] = ()
    ) -> Entry | Refusal:
        """As a coordinator takes it: what travels may travel with this act, and the record names it."""
        result = admission.carries(command, disclosures) or super().take(command, author, disclosures)
        if isinstance(result, Entry):
            assert admission.named(self.at, disclosures) is None, command.type
        return result

    def play(self) -> None:
        """From the booking to the end.

        Raises:
          AssertionError: an act was refused for good, or nothing moves any more.
        """
        self.go_on()
        assert self.at.phase in doing.ENDED, self.waiting()

    def go_on(self) -> None:
        """As far as it goes, whoever is human doing nothing."""
        if self.state is None:
            source = script.source(self.case)
            assert isinstance(self.carry_out("agent", Deed("BookSession", source=source)), Entry)
        for _ in range(ROUNDS_MAX):
            if not self._round() and not self._later():
                return
        raise AssertionError(self.waiting())

    def waiting(self) -> list[tuple[str, str]]:
        """Who is awaited for what."""
        shown = project.view(self.at, self.disclosed, "agent", "agent")
        return [(one.who, one.act) for one in (*shown.awaited, *shown.outstanding)]

    def scene(self, seat: Seat) -> Scene:
        """What a seat has before its eyes."""
        shown = project.view(self.at, self.disclosed, seat.role, seat.seat)
        memory = self.memories.setdefault(seat.seat, Recollection())
        return Scene(
            shown, seat.seat, seat.role, self.case, self.dice, self.now, memory, self.scripted.course
        )

    def carry_out(self, seat: str, deed: Deed) -> Entry | Refusal:
        """Do a deed as a person at a venue's page would."""
        if deed.content is not None:
            return self.do(seat, deed.content, deed.stage, deed.disclosures)
        if deed.type == "SealSheet":
            content = cmd.SealSheet(hidden.commitment(self.opened_by(seat, deed.stage)))
            return self.do(seat, content, deed.stage)
        prepared = self._prepared(seat, deed)
        if isinstance(prepared, Refusal):
            return prepared
        content_: Any = canonical.decode(prepared.content.encode(), cmd.CONTENTS[deed.type])
        return self.do(seat, content_, deed.stage, prepared.disclosures)

    def opened_by(self, seat: str, stage: Stage) -> Opening:
        """A member's sheet, which the venue's node keeps until it is opened."""
        bids = self.at.tracks[f"{stage.lot}/{stage.envelope}"].valid
        view = project.view(self.at, self.disclosed, "agent", "agent")
        case = self.scripted.course.case_now(self.case, view)
        points = script.scores(case, seat, stage.lot, stage.envelope, bids)
        nonce = salt(f"nonce {seat} {stage.lot} {stage.envelope} {stage.round}")
        return Opening(self.session, stage, seat, bids, points, nonce)

    def _prepared(self, seat: str, deed: Deed) -> Prepared | Refusal:
        asked = Prepare(session=self.session, type=deed.type, stage=deed.stage, source=deed.source)
        if seat == "agent":
            return self.desk.prepare(
                asked, self.state, self.disclosed, self.nodes, lambda: tuple(self.entries)
            )
        if deed.type == "SignOpeningRecord":
            return own_acts.opening_record(asked, self.at)
        return own_acts.prepare(asked, self.at, self.disclosed, self.at.seats[seat].role, seat)

    def _round(self) -> bool:
        """Everybody is asked once; whether anybody did anything."""
        self.waits = []
        acted = self._sit_down()
        seats = [seat.seat for seat in self.at.seats.values()] or ["agent"]
        self.order.shuffle(seats)
        for name in seats:
            seat = self.at.seats.get(name)
            played = seat is not None and seat.key and name not in self.humans
            deed = next_deed_of(self.scene(seat)) if seat is not None and played else None
            if deed is not None and deed.not_before_ms > self.now + STEP_MS:
                self.waits.append(deed.not_before_ms)
            elif deed is not None:
                acted = self._do(name, deed) or acted
        return self._nodes() or acted

    def _do(self, name: str, deed: Deed) -> bool:
        result = self.carry_out(name, deed)
        if isinstance(result, Refusal):
            code = result.code
            assert code in doing.EARLY | doing.LATE | doing.DONE, (name, deed.type, result)
            if code not in doing.DONE:
                return False
        if deed.about:
            self.memories[name].done.add(deed.key)
        return True

    def _sit_down(self) -> bool:
        """Whoever has a seat and no key signs in, from check-in on."""
        gone = self.at.drawn.recused
        new = [one.seat for one in self.at.seats.values() if not (one.key or one.reserve or one.seat in gone)]
        if "CHECKIN" not in self.at.path or self._calls():
            return False
        for seat in new:
            self.bind(seat)
        return bool(new)

    def _calls(self) -> bool:
        """Whether a draw is still to be shown, or who follows to be called: nobody is there before."""
        agent = self.at.seats.get("agent")
        if agent is None or not self.at.drawn.drawn:
            return False
        deed = next_deed_of(self.scene(agent))
        return not self.at.drawn.seed or (deed is not None and deed.type == "CallReplacement")

    def _parties(self) -> bool:
        """Shares of a draw: the nodes' by themselves, the office's by its people."""
        frozen = self.at.drawn.frozen
        if frozen is None or self.at.drawn.drawn:
            return False
        acted = False
        for one in frozen.parties:
            view = project.view(self.at, self.disclosed, "supervisor", one.party)
            memory = self.memories.setdefault(one.party, Recollection())
            scene = Scene(view, one.party, "supervisor", self.case, self.dice, self.now, memory)
            deed = next_deed_of(scene)
            if deed is not None:
                author = OFFICE if one.role == "supervisor" else f"node {one.party}"
                assert deed.content is not None
                self.must(author, deed.content, deed.stage, deed.disclosures)
                memory.done.add(deed.key)
                acted = True
        return acted

    def _nodes(self) -> bool:
        """What the venues' nodes do by themselves: they try and open the sheets that they keep."""
        acted = self._parties()
        shown = project.view(self.at, self.disclosed, "agent", "agent")
        for one in shown.awaited:
            if one.act not in BY_NODES:
                continue
            stage = self.stage(one.lot, one.envelope)
            track = self.at.tracks[f"{one.lot}/{one.envelope}"]
            for seat, sheet in track.sheets.items():
                if self.at.seats[seat].venue != one.who or not track.phase.startswith("SCORES_"):
                    continue
                opening = self.opened_by(seat, stage)
                if one.act == "TryOpening" and not sheet.tried:
                    content: Any = cmd.TryOpening(seat, sheet.commitment, "ok", "")
                    self.must(f"node {one.who}", content, stage)
                    acted = True
                elif one.act == "OpenSheet" and not sheet.opened:
                    shown_sheet = (hidden.disclose_opening(opening),)
                    self.must(f"node {one.who}", cmd.OpenSheet(seat, sheet.commitment), stage, shown_sheet)
                    acted = True
        return acted

    def _later(self) -> bool:
        """Nobody has anything to do: the clock goes on to what is waited for, if anything is."""
        _, due_ms = due(self.at, self.now)
        times = [*self.waits, *([] if due_ms is None else [due_ms])]
        if not times:
            return False
        self.now = min(times) - STEP_MS
        self.settle()
        return True
