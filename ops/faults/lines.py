"""The line of two venues cut while three of five members score: silently, or by reset.

They finish, save and seal meanwhile, each told *kept* with a signed receipt; nobody else can close the stage;
when the line is back each sheet is accepted once. Source: DESIGN 1.8, 9.
"""

import asyncio
from functools import partial
from pathlib import Path
from typing import Final, Literal

from ops import senses
from ops.faults.found import Found
from ops.faults.ground import Ground, Laying, laid
from ops.faults.notes import Notes

MEMBERS: Final = {"M3": "nanjing", "M4": "nanjing", "M5": "hangzhou"}
"""Who scores behind a line that is cut, and where."""
SEALED_S: Final = 60.0
"""How long members may take until they have sealed."""
BACK_S: Final = 90.0
"""How long the lines may take to come back, and what was kept to be answered."""


async def silent(data: Path, for_ms: int, found: Found) -> None:
    """The forwarders are stopped: nothing is closed, nothing comes."""
    await _cut(data, for_ms, found, "silence")


async def reset(data: Path, for_ms: int, found: Found) -> None:
    """The connections are reset and new ones refused."""
    await _cut(data, for_ms, found, "reset")


async def _cut(data: Path, for_ms: int, found: Found, way: Literal["silence", "reset"]) -> None:
    found.injected = f"the lines of nanjing and hangzhou cut by {way} for {for_ms} ms while M3, M4, M5 score"
    async with laid(data, Laying(lines=frozenset(MEMBERS.values()))) as ground:
        notes = Notes()
        for seat, node in MEMBERS.items():
            line = ground.lines[node]
            notes.when(partial(_scores, notes, seat), line.silence if way == "silence" else line.reset)
        people = ground.seat("cut", notes, stands_ms=for_ms)
        await ground.broken(people, notes, _while_cut(ground, notes, for_ms, found), found)
        sealed = [told for told in notes.answers.values() if told.type == "SealSheet"]
        found.expect(
            all(told.answer.status == "accepted" for told in sealed) and len(sealed) == 5,
            "each of five sheets was accepted",
        )


async def _while_cut(ground: Ground, notes: Notes, for_ms: int, found: Found) -> None:
    await notes.until(lambda: notes.stage("M3") == "DETAILED", SEALED_S, "scoring begins")
    start = senses.running_ms()
    await notes.until(lambda: len(_kept(notes)) == len(MEMBERS), SEALED_S, "three sheets are kept")
    found.figures["kept_after_ms"] = senses.running_ms() - start
    found.expect(set(_kept(notes)) == set(MEMBERS), "M3, M4 and M5 have sealed and were told that it is kept")
    left_ms = for_ms - (senses.running_ms() - start)
    await asyncio.sleep(max(0, left_ms) / 1000)
    found.expect(notes.stage("M1") == "DETAILED", "the stage is not closed while they are away")
    found.expect(
        not any(told.who in MEMBERS for told in notes.answers.values() if told.type == "SealSheet"),
        "none of the three was answered while cut",
    )
    found.figures["cut_ms"] = senses.running_ms() - start
    for line in ground.lines.values():
        line.mend()
    back = senses.running_ms()
    await notes.until(lambda: notes.count("SealSheet") == 5, BACK_S, "the kept sheets are answered")
    found.figures["back_to_accepted_ms"] = senses.running_ms() - back


def _scores(notes: Notes, seat: str) -> bool:
    return notes.stage(seat) == "DETAILED"


def _kept(notes: Notes) -> dict[str, str]:
    """Who of the members has a receipt for a sheet, and which."""
    return {
        who: name
        for name, (who, command) in notes.in_flight.items()
        if who in MEMBERS and command.type == "SealSheet" and name in notes.receipts
    }
