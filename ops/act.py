"""`tongchang act`: the whole evaluation played to the end, its record written and replayed.

Owns the order: a stack of its own (`--up`) or the one that runs, the play, the record from the main venue's
copy, and the check that replaying it gives the very outcome that is told.
"""

import asyncio
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from ops import backing, custody, files, installation, places, ports, result, senses, show, stack, venue_copy
from ops.backing import Size
from ops.installation import PORTS_SPAN, Installation
from ops.people import agent, notebook, script
from ops.people.listener import Listener
from ops.people.notebook import Note
from ops.people.play import Play, main_venue
from ops.ready import WITHOUT_CODES
from ops.result import Result
from ops.scripts import judged, tenders
from ops.scripts.scripted import Scripted
from ops.senses import Dice
from ops.signing.left import Signed
from ops.stack import Stack
from ops.trouble import Trouble
from ops.verify import commands as verifier
from protocol import record
from protocol.hidden import Disclosed
from protocol.plan.case import Case
from protocol.session.state import State


class Options(Struct, frozen=True, kw_only=True):
    """What the command line says; `own_stack` is `--up`, `humans` are the seats of `--except`.

    With a `script` its own case is played, and what comes out is held against what it wants.
    """

    own_stack: bool = False
    data: Path | None = None
    case: Path | None = None
    seed: str = ""
    record: Path | None = None
    pace_ms: int = 0
    humans: frozenset[str] = frozenset()
    ports_from: int | None = None
    size: Size = Size()
    script: Scripted | None = None
    rules: str = ""
    """The version of the rules that was named; empty for the case's own, 4 for the sample."""


class Played(Struct, frozen=True):
    """How it ended: the result, where its record lies, how long it was played (ms); tracks → their phases.

    `archive` is the one file that proves it, `policy` what its heads are judged by, from before it began;
    `signed` the report with everybody's signatures, where there is one.
    """

    result: Result
    record: Path
    phases: dict[str, tuple[str, ...]] = {}
    lasted_ms: int = 0
    archive: Path | None = None
    policy: Path | None = None
    signed: Signed | None = None
    archived_ms: int = 0
    """From the record's last entry, the quorum's last cosignature included, to the archive on the disk."""

    def course(self) -> dict[str, object]:
        """The course it took, for a program to read."""
        return {"phases": self.phases, "lasted_ms": self.lasted_ms}


async def act(options: Options, listener: Listener) -> Played:
    """Play an evaluation to the archive.

    Raises:
      Trouble: whatever keeps it from getting there.
      asyncio.CancelledError: told to stop.
    """
    if options.own_stack:
        return await _with_own_stack(options, listener)
    data = options.data or places.standing_data()
    found = installation.find(data)
    installation.require_practice(found)
    if not stack.running(data):
        raise Trouble(
            f"{data} 的系统没有运行。请先运行 ops/run(tongchang up),或加上 --up 自行启动一套。",
            f"The stack of {data} is not running. Run ops/run (tongchang up) first, or add --up to start "
            "one.",
        )
    note, case = await _choose(found, options)
    return await perform(found, case, note, options, listener)


async def _with_own_stack(options: Options, listener: Listener) -> Played:
    case = options.script.case if options.script else tenders.held(options.case, options.rules)
    script.require_committee(case)
    script.require_points(case, options.humans)
    wanted = places.of_case(case)
    data = options.data or places.passing_data()
    base = options.ports_from
    if base is None:
        # A node and perhaps a cosigner each, one that replays, custodians' services where bids are sealed,
        # media workers with two ports each, the authorities.
        owners = len(wanted) + (options.size.coordinators or 1)
        services = len(custody.names(backing.CUSTODIANS)) + 2 * owners * (options.size.media_workers or 0)
        base = ports.free_base(PORTS_SPAN + 2 * len(wanted) + 2 + services, Dice())
    found = installation.ensure(
        data, now_ms=senses.now_ms(), places=wanted, ports_from=base, seed=options.seed,
        shape=backing.shape(data, options.size, script.rules_of(case)),
    )  # fmt: skip
    installation.require_practice(found)
    running = Stack(found, restart=True, tell=show.notice)
    await running.start()
    try:
        note = Note(notebook.new_session(found, case), case.id)
        return await running.unless_broken(perform(found, case, note, options, listener))
    finally:
        await running.stop()


async def _choose(found: Installation, options: Options) -> tuple[Note, Case]:
    """The session that waits for its people, or a new one of the case that was named."""
    if options.script is not None:
        return _begun(found, options.script.case, options)
    case = tenders.held(options.case, options.rules)
    note = notebook.current(found, case.id if options.case is not None else "")
    if note is not None:
        kept = script.load(notebook.case_path(found, note.session))
        play = Play(found, kept, note.session, Dice(options.seed))
        async with play.open():
            phase, meant = await play.phase(), options.rules in ("", script.rules_of(kept))
            if meant and phase not in (None, *WITHOUT_CODES):
                _require_backing(found, script.rules_of(kept))
                return note, kept
    return _begun(found, case, options)


def _begun(found: Installation, case: Case, options: Options) -> tuple[Note, Case]:
    """A new session of a case that can be held on the stack as it runs."""
    script.require_committee(case)
    script.require_points(case, options.humans)
    missing = [venue.id for venue in case.venues if venue.id not in {n.place.node for n in found.nodes}]
    if missing:
        names = "、".join(missing)
        raise Trouble(
            f"运行中的系统没有会场 {names}。请加上 --up 自行启动一套,或用 tongchang up --case 重新启动。",
            f"The stack that runs has no venue {names}. Add --up to start one, or start anew with "
            "tongchang up --case.",
        )
    _require_backing(found, script.rules_of(case))
    return Note(notebook.new_session(found, case), case.id), case


def _require_backing(found: Installation, rules: str) -> None:
    """Refuse before anything is booked what the stack that runs has no services for.

    Raises:
      Trouble: `NoCustodians` or `NoAuthorities`, exit code 2.
    """
    if backing.custodians_of(rules) and not found.shape.custodians:
        raise Trouble(
            f"运行中的系统没有密钥托管服务,不能按规则版本 {rules} 开标。请加上 --up 自行启动一套,"
            f"或用 tongchang up --rules {rules} 重新启动;也可用 --rules 3 按较早版本评审。(NoCustodians)",
            f"The stack that runs has no custodians, so no bids can be opened by rules version {rules}. Add "
            f"--up to start one, or start anew with tongchang up --rules {rules}; or play by an earlier "
            "version with --rules 3. (NoCustodians)",
            2,
        )
    if backing.asks_voices(rules) and not found.shape.authorities:
        raise Trouble(
            f"运行中的系统没有示例认证机构,演示人员没有数字证书,不能按规则版本 {rules} 签到与签署。"
            f"请加上 --up 自行启动一套,或停止后用 tongchang up --rules {rules} 重新启动;"
            "也可用 --rules 3 按较早版本评审。(NoAuthorities)",
            "The stack that runs has no demonstration authorities, so played people have no certificates to "
            f"check in and sign with by rules version {rules}. Add --up to start one, or stop it and start "
            f"anew with tongchang up --rules {rules}; or play by an earlier version with --rules 3. "
            "(NoAuthorities)",
            2,
        )


async def perform(
    found: Installation, case: Case, note: Note, options: Options, listener: Listener
) -> Played:
    """Play one session on a stack that runs: book what is not booked, act, fetch and check the record."""
    # The typesetter and the signer are slow to load, and not all of act needs them.
    from ops import archiving  # noqa: PLC0415
    from ops.signing import kept  # noqa: PLC0415
    from ops.signing import session as signing  # noqa: PLC0415

    notebook.keep_case(found, note.session, case)
    notebook.put(found, note)
    policy = await archiving.hand_out_policy(found, note.session)
    course = options.script.course if options.script else script.course_of(case)
    play = Play(
        found, case, note.session, Dice(options.seed),
        listener=listener, humans=options.humans, pace_ms=options.pace_ms, course=course,
    )  # fmt: skip
    begun_ms = senses.running_ms()
    async with play.open():
        await play.prepare(booked=await play.phase() is not None)
        seats = play.seats()
        note = replace(note, seats=tuple((one.seat, one.role, one.venue) for one in seats))
        notebook.put(found, note)
        _known_seats(options.humans, tuple(one.seat for one in seats))
        await play.hand_out()
        left = tuple(one for one in note.seats if one[0] in options.humans)
        if left:
            codes = await play.codes(tuple(seat for seat, _, _ in left))
            show.codes(found, case.plan.title, note.session, left, codes)
        view = await play.perform()
    notebook.put(found, replace(note, ended=True))
    if view.phase != (options.script.wanted.phase if options.script else "ARCHIVED"):
        raise Trouble(
            f"会话 {note.session} 以“{view.phase}”结束,未归档。",
            f"Session {note.session} ended as {view.phase}.",
        )
    played = await conclude(found, case, note.session, options)
    lasted_ms = senses.running_ms() - begun_ms
    signed = await asyncio.to_thread(kept.kept, found, played.record)
    archived_from_ms = senses.running_ms()
    archive = await archiving.make(found, note.session, played.record, played.result.entries, signed)
    archived_ms = senses.running_ms() - archived_from_ms
    if signed is None:
        signed = await signing.sign(found.data, played.record, archive)
    await asyncio.to_thread(verifier.require_valid, archive, policy)
    return replace(
        played, lasted_ms=lasted_ms, archive=archive, policy=policy, signed=signed, archived_ms=archived_ms
    )


def _known_seats(humans: frozenset[str], seats: tuple[str, ...]) -> None:
    unknown = sorted(humans - set(seats))
    if unknown:
        raise Trouble(
            f"--except 中的席位 {'、'.join(unknown)} 不存在。现有席位:{'、'.join(seats)}。",
            f"There is no seat {', '.join(unknown)} as named by --except. The seats are: {', '.join(seats)}.",
            2,
        )
    if set(seats) - {agent.SEAT} <= humans:
        raise Trouble(
            "--except 列出了除招标代理外的全部席位,没有可代为扮演的人。请减少 --except,或改用 tongchang up。",
            "--except names every seat but the agent's, so nobody is left to play. Name fewer, "
            "or use tongchang up.",
            2,
        )


async def conclude(found: Installation, case: Case, session: str, options: Options) -> Played:
    """The record from the main venue's copy, written, read back and replayed by the rules.

    Raises:
      Trouble: the copy cannot be read, the record cannot be written, or it does not give the same outcome.
    """
    await venue_copy.at_rest(found, main_venue(case), session)
    return await asyncio.to_thread(_conclude, found, case, session, options)


def _conclude(found: Installation, case: Case, session: str, options: Options) -> Played:
    raw, outcome = venue_copy.record_of(found, main_venue(case), session)
    path = (options.record or found.data / f"{session}.record").absolute()
    files.make_folder(path.parent)
    files.write(path, raw)
    read = record.read(path.read_bytes())
    state = record.replay(read)
    names = {bidder.id: bidder.name for bidder in case.bidders}
    replayed = result.of(state, read.disclosed, names)
    if replayed.outcome != outcome:
        raise Trouble(
            f"记录 {path} 重放的结果与主场副本不一致。请保留数据文件夹 {found.data},并通知监督人员。",
            f"Replaying {path} does not give the main venue's outcome. Keep the data folder {found.data} "
            "and tell a supervisor.",
        )
    if options.script is not None:
        _judge(options.script, state, read.disclosed)
    phases = {track.name: track.path for track in state.tracks.values()}
    return Played(replayed, path, {"session": state.path, **phases})


def _judge(wanted: Scripted, state: State, disclosed: Disclosed) -> None:
    """Hold what came out against what the script wants.

    Raises:
      Trouble: what differs, each in a line.
    """
    found = judged.differences(wanted, state, disclosed)
    if found:
        raise Trouble(
            f"脚本 {wanted.name} 的结果与应有的不符:\n" + "\n".join(f"    {one.zh}" for one in found),
            f"The script {wanted.name} did not come out as it must:\n"
            + "\n".join(f"    {one.en}" for one in found),
        )
