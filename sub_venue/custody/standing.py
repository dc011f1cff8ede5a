"""A custodian's service that stands by itself: follows its sessions, acts when their records ask (SPEC 28.7).

Owns the round: what is due by the copy of a record, the newest signed head, the entries that it covers, the
headers; then the service judges all of it anew, from genesis on, and what it answers is kept in the journal
and sent like any act. So a service that is killed at any moment sends again what it gave, and gives nothing
twice. Who asks is nobody: nothing that comes down the line makes it act unless the record does.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from protocol import canonical, commands, entry, heads
from protocol.heads import HeadTold, HeadWanted
from protocol.ledger import checkpoint, note
from protocol.ledger.note import NoteError
from protocol.seal.at_opening import AskStage
from protocol.session.state import State
from protocol.words import Stage
from sub_venue.custody import duties
from sub_venue.custody.duties import Duty
from sub_venue.custody.judgement import BidHeader, Refused
from sub_venue.custody.releases import Torn
from sub_venue.custody.service import Answered, Asked, Service
from sub_venue.journal.copies import Copies
from sub_venue.journal.disk import NotDurable
from sub_venue.journal.journal import Act, Journal
from sub_venue.senses import Senses
from sub_venue.uplink.fetching import Fetching
from sub_venue.uplink.line import LineFault
from sub_venue.uplink.uplink import Uplink

LOOK_S: Final = 0.5
"""How soon it is looked again while something is due and cannot be done yet."""
REFUSED_TRIES_MAX: Final = 20
"""How often the same is sent after a refusal; then people must look."""
_PROJECT_CHARS_MAX: Final = 64
_log = structlog.get_logger("sub_venue.custody")


class Standing:
    """One custodian's service at its sessions."""

    def __init__(
        self, service: Service, journal: Journal, copies: Copies, uplink: Uplink, fetching: Fetching,
        senses: Senses, projects: Callable[[], frozenset[str]],
    ) -> None:  # fmt: skip
        """Stand by; `projects` are those that the service was told of by now."""
        self._service = service
        self._journal = journal
        self._copies = copies
        self._uplink = uplink
        self._fetching = fetching
        self._senses = senses
        self._projects = projects
        self._stirred = asyncio.Event()
        self._said: dict[tuple[str, str, Stage], str] = {}
        """Why an act was refused last, by itself: said once, not every half second."""
        self._seen: dict[tuple[str, str, bytes], int] = {}
        """(session, type, name) of a duty that is let stand → since when (running ms)."""
        copies.listen(lambda _session: self._stirred.set())
        journal.listen(lambda _kept, _answer: self._stirred.set())
        uplink.listen(lambda _online: self._stirred.set())

    async def run(self) -> None:
        """Look whenever something stirs, until cancelled."""
        while True:
            self._stirred.clear()
            waits = await self.look()
            try:
                async with asyncio.timeout(LOOK_S if waits else None):
                    await self._stirred.wait()
            except TimeoutError:
                continue

    async def look(self) -> bool:
        """Do what is due in every session; whether something is that could not be done yet."""
        waits = False
        for state in self._copies.alive():
            for duty in tuple(duties.due(state, self._service.me.custodian)):
                if not self._may(state, duty):
                    continue
                if self._is_early(state.session, duty):
                    waits = True
                else:
                    waits = not await self._do(state.session, duty) or waits
        return waits

    async def _do(self, session: str, duty: Duty) -> bool:
        """Judge and act; False where that has to wait."""
        replica = self._copies.get(session)
        told = await self._uplink.ask(heads.HEAD, HeadWanted(session), HeadTold)
        if replica is None or replica.fault is not None or not isinstance(told, HeadTold):
            return False
        size = _size(told.checkpoint)
        raws = await asyncio.to_thread(replica.entries)
        if not 0 < size <= len(raws):
            return False
        try:
            headers = await self._headers(session, duty)
        except LineFault as error:
            _log.warning("headers not fetched", session=session, error=str(error))
            return False
        asked = Asked(told.checkpoint, tuple(raw.decode() for raw in raws[:size]), headers, duty.stage)
        self._service.me = replace(self._service.me, projects=self._projects())
        try:
            answered = await asyncio.to_thread(duty.act, self._service, asked, replica.disclosed)
        except Refused as refused:
            self._say(session, duty, str(refused))
            return False
        except (OSError, Torn) as error:
            _log.error("a release is not durable", session=session, type=duty.type, error=repr(error))
            return False
        return await self._keep(session, duty, answered)

    async def _headers(self, session: str, duty: Duty) -> tuple[BidHeader, ...]:
        if not duty.headers:
            return ()
        stage = duty.stage
        found = await self._fetching.headers(AskStage(session, stage.lot, stage.envelope))
        return tuple(BidHeader(one.mark, one.raw) for one in found.bids)

    async def _keep(self, session: str, duty: Duty, answered: Answered) -> bool:
        command = commands.parse(answered.command.encode())
        act = Act(
            index=0, at=command.author_at, session=session, seat=self._service.me.custodian,
            type=command.type, command_id=command.command_id, author_key=command.author_key,
            author_seq=command.author_seq,
            digest=canonical.sha256(entry.signed_bytes(command)), command=answered.command, sig=answered.sig,
            disclosures=answered.disclosures, commitment=_name(duty),
        )  # fmt: skip
        try:
            kept = await self._journal.keep(act)
        except NotDurable as error:
            _log.error("own act not kept", session=session, type=duty.type, error=str(error))
            return False
        _log.info("own act kept", session=session, type=duty.type, index=kept.index)
        self._uplink.wake(kept.author)
        return True

    def _may(self, state: State, duty: Duty) -> bool:
        """Not while the same is on its way, nor before our copy shows it, nor after many refusals."""
        refused = 0
        for kept in self._journal.of_author(state.session, self._service.me.key):
            if (kept.type, kept.commitment) != (duty.type, _name(duty)):
                continue
            if kept.answer is None or kept.answer.seq >= state.size:
                return False
            refused += kept.answer.status == "refused"
        return refused < REFUSED_TRIES_MAX

    def _is_early(self, session: str, duty: Duty) -> bool:
        """Whether a duty is let stand for a while yet, from when this service saw it first."""
        if not duty.patience_ms:
            return False
        now = self._senses.running_ms()
        since = self._seen.setdefault((session, duty.type, _name(duty)), now)
        return now - since < duty.patience_ms

    def _say(self, session: str, duty: Duty, why: str) -> None:
        place = (session, duty.type, duty.stage)
        if self._said.get(place) != why:
            self._said[place] = why
            _log.warning("not given", session=session, type=duty.type, why=why)


def projects_of(told: frozenset[str], path: Path | None) -> frozenset[str]:
    """The projects that a service was told of: in its settings, and one a line in a file that may grow."""
    if path is None:
        return told
    try:
        lines = path.read_text(encoding="utf-8").split()
    except OSError:
        return told
    return told | frozenset(one for one in lines if len(one) <= _PROJECT_CHARS_MAX)


def _name(duty: Duty) -> bytes:
    """What tells an act from others of its type: stage and what it is about, 32 bytes."""
    return canonical.tagged_digest("custodian-duty/v1", [duty.stage, duty.about])


def _size(text: str) -> int:
    """How many entries a head covers; 0 where it is none."""
    try:
        return checkpoint.read(note.split(text)[0]).size
    except (NoteError, ValueError, msgspec.MsgspecError):
        return 0
