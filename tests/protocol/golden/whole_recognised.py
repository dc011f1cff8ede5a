"""The golden tender of version 4 with venues that accept each other's witness records (SPEC 13.4)."""

from typing import Any

from msgspec.structs import replace

from protocol.commands_recognition import AcceptWitnessRecord
from protocol.entry import Entry
from protocol.hidden import Disclosure
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.session.state import WitnessRecord, head
from tests.protocol.golden.whole_sealed import Sealed, held_to_its_end

HERE, THERE = "witness-hefei", "witness-nanjing"


class Recognised(Sealed):
    """Whoever accepts has seen the newest head."""

    def answering(self, seat: str, **other: Any) -> AcceptWitnessRecord:
        """The acceptance of a seat's record as it stands."""
        mine = self.at.witness_records.get(seat, WitnessRecord())
        return replace(AcceptWitnessRecord(seat, mine.count, mine.chain, "accepted", "", b""), **other)

    def answer(
        self, by: str, content: AcceptWitnessRecord, disclosures: tuple[Disclosure, ...] = (), back: int = 0
    ) -> Entry | Refusal:
        """A witness's answer under the newest head, or one of so many entries before."""
        seen = self.at.heads[-1 - back] if back else head(self.at)
        result = self.take(replace(self.command(by, content), seen=seen), by, disclosures)
        if isinstance(result, Entry):
            self.settle()
        return result

    def recognise(self) -> None:
        """One venue objects to the other's record and accepts it after all; the other accepts at once."""
        self.note(THERE, "room_ready", subject="nanjing")
        self.sign_witnessing(THERE)
        told = self.text("remark", "线路中断时刻与本会场录像相差一分钟")
        objection = self.answering(HERE, verdict="objection", reason="time", remark=told.digest)
        for by, content, more in (
            (THERE, objection, (told,)),
            (HERE, self.answering(THERE), ()),
            (THERE, self.answering(HERE), ()),
        ):
            assert isinstance(self.answer(by, content, more), Entry)


def recognised(case: Case) -> Recognised:
    """Held to its end."""
    world = Recognised(case)
    held_to_its_end(world)
    return world
