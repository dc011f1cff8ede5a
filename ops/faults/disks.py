"""A disk that is full: at a venue while its members seal, and at the coordinator while everybody does.

Nothing is acknowledged that the disk has not taken; who cannot be served is told so in words; what needs no
disk goes on; once there is room everything does, and nothing lies there half written. Source: DESIGN 1.4, 9.
"""

import asyncio
from pathlib import Path
from typing import Final

from ops import senses
from ops.faults.found import Found
from ops.faults.ground import Ground, Laying, laid
from ops.faults.notes import Notes
from ops.installation import COORDINATOR

VENUE: Final = "nanjing"
MEMBERS: Final = ("M3", "M4")
"""Who sits at that venue."""
WITNESS: Final = "witness-nanjing"
"""Stays away: what a witness notes would lie in the blocks that the members' sheets are to lack."""
OTHERS: Final = ("M1", "M2", "M5")
DISK_BYTES: Final = 16 << 20
WAIT_S: Final = 60.0
"""How long what must happen may take."""
READY_MS: Final = 20_000


async def at_venue(data: Path, for_ms: int, found: Found) -> None:
    """The venue's disk is full twice: when entries come for its copy, and when its members seal."""
    found.injected = f"the disk of {VENUE} full for {for_ms} ms at the roster, and when M3, M4 seal"
    async with laid(data, Laying(volumes={VENUE: DISK_BYTES})) as ground:
        await ground.calm()
        notes = Notes()
        volume = ground.volumes[VENUE]
        notes.when(lambda: notes.phase(MEMBERS[0]) == "COMMITTEE_READY", volume.fill)
        people = ground.seat("full", notes, stands_ms=2 * for_ms)
        people.humans |= {WITNESS}
        await ground.broken(people, notes, _venue_full_twice(ground, notes, for_ms, found), found)
        torn = [path.name for path in volume.folder.rglob("*.torn")]
        found.expect(not torn, "nothing torn lies on the disk")


async def _venue_full_twice(ground: Ground, notes: Notes, for_ms: int, found: Found) -> None:
    await _copy_full(ground, notes, for_ms, found)
    notes.when(lambda: any(_sealing(notes, seat) for seat in MEMBERS), ground.volumes[VENUE].fill)
    ground.volumes[VENUE].free()
    await _venue_full(ground, notes, for_ms, found)


async def _copy_full(ground: Ground, notes: Notes, for_ms: int, found: Found) -> None:
    """Entries come that the venue's copy cannot take."""
    await notes.until(lambda: notes.phase(MEMBERS[0]) == "COMMITTEE_READY", WAIT_S, "the roster is locked")
    start = senses.running_ms()
    before = _lines_taken_up(ground, VENUE)
    await notes.until(lambda: _sealed(notes, OTHERS), WAIT_S, "the other venues score and seal meanwhile")
    await ground.until_ready(VENUE, False, READY_MS)
    await asyncio.sleep(max(0, for_ms - (senses.running_ms() - start)) / 1000)
    found.expect(
        notes.stage(MEMBERS[0]) != "DETAILED" and not any(_receipt(notes, seat) for seat in MEMBERS),
        "the pages there show nothing that the venue's disk has not taken",
    )
    found.figures["copy_full_ms"] = senses.running_ms() - start
    found.figures["lines_taken_up"] = _lines_taken_up(ground, VENUE) - before


async def _venue_full(ground: Ground, notes: Notes, for_ms: int, found: Found) -> None:
    await notes.until(lambda: notes.refused_with("NotDurable"), WAIT_S, "a sheet is refused")
    start = senses.running_ms()
    who, type_, why = next(one for one in notes.put_offs if one[2].code == "NotDurable")
    found.expect(who in MEMBERS and type_ == "SealSheet", f"{who} is told that {type_} was not taken")
    found.expect(why.zh and why.en, f"in words: {why.zh} / {why.en}")
    found.figures["told_not_ready_ms"] = await ground.until_ready(VENUE, False, READY_MS)
    found.seen.append(f"/readyz of {VENUE}: {(await ground.readyz(VENUE))[1]}")
    found.expect((await ground.readyz(COORDINATOR))[0] == 200, "the coordinator goes on meanwhile")
    await asyncio.sleep(max(0, for_ms - (senses.running_ms() - start)) / 1000)
    found.expect(
        not any(_sealed(notes, (seat,)) or _receipt(notes, seat) for seat in MEMBERS),
        "nothing of M3, M4 was acknowledged",
    )
    found.expect(notes.stage("M1") == "DETAILED", "the stage is not closed without them")
    found.figures["full_ms"] = senses.running_ms() - start
    ground.volumes[VENUE].free()
    freed = senses.running_ms()
    found.figures["ready_after_ms"] = await ground.until_ready(VENUE, True, READY_MS)
    await notes.until(lambda: _sealed(notes, MEMBERS), WAIT_S, "their sheets are accepted")
    found.figures["accepted_after_ms"] = senses.running_ms() - freed


async def at_coordinator(data: Path, for_ms: int, found: Found) -> None:
    """The coordinator's disk is full from the moment at which a member seals."""
    found.injected = f"the coordinator's disk full for {for_ms} ms from the moment at which a member seals"
    async with laid(data, Laying(volumes={COORDINATOR: DISK_BYTES})) as ground:
        await ground.calm()
        notes = Notes()
        everybody = (*MEMBERS, *OTHERS)
        notes.when(lambda: any(_sealing(notes, seat) for seat in everybody), ground.volumes[COORDINATOR].fill)
        people = ground.seat("full", notes, stands_ms=for_ms)
        await ground.broken(people, notes, _coordinator_full(ground, notes, for_ms, found), found)


async def _coordinator_full(ground: Ground, notes: Notes, for_ms: int, found: Found) -> None:
    everybody = (*MEMBERS, *OTHERS)
    await notes.until(lambda: _kept_sheets(notes), WAIT_S, "a sheet is kept at its venue")
    start = senses.running_ms()
    found.figures["told_not_ready_ms"] = await ground.until_ready(COORDINATOR, False, READY_MS)
    await asyncio.sleep(max(0, for_ms - (senses.running_ms() - start)) / 1000)
    sealed = [seat for seat in everybody if _sealed(notes, (seat,))]
    found.expect(len(sealed) < len(everybody), f"the disk took sheets of {sealed} only")
    found.expect(
        all(_sealed(notes, (seat,)) or _receipt(notes, seat) for seat in everybody),
        "every member whose sheet was not accepted was told that the venue keeps it",
    )
    found.expect((await ground.readyz("hefei"))[0] == 200, "the venues go on")
    found.figures["full_ms"] = senses.running_ms() - start
    ground.volumes[COORDINATOR].free()
    freed = senses.running_ms()
    await notes.until(lambda: _sealed(notes, everybody), WAIT_S, "every sheet is accepted")
    found.figures["accepted_after_ms"] = senses.running_ms() - freed
    await ground.until_ready(COORDINATOR, True, READY_MS)
    found.figures["ready_after_ms"] = senses.running_ms() - freed


def _sealing(notes: Notes, seat: str) -> bool:
    return any(who == seat and command.type == "SealSheet" for who, command in notes.in_flight.values())


def _receipt(notes: Notes, seat: str) -> bool:
    return any(
        who == seat and command.type == "SealSheet" and name in notes.receipts
        for name, (who, command) in notes.in_flight.items()
    )


def _kept_sheets(notes: Notes) -> bool:
    return any(_receipt(notes, who) for who, _ in notes.in_flight.values())


def _sealed(notes: Notes, seats: tuple[str, ...]) -> bool:
    """Whether the sheets of all these seats were accepted."""
    done = {told.who for told in notes.answers.values() if told.type == "SealSheet"}
    return done.issuperset(seats)


def _lines_taken_up(ground: Ground, node: str) -> int:
    """How often a node has taken up its line, by its log."""
    return (ground.installation.logs / f"{node}.log").read_text(errors="replace").count('"event": "line up"')
