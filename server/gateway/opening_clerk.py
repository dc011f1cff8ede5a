"""The clerk of openings: enters which bids there are, as the installation's own act (SPEC 28.3).

Owns the moment: the deadline is over, the tenderee has begun, and the custodians have answered the roll-call;
all of them, or for some seconds a threshold of every group. What is entered is what was frozen at the
deadline, by whichever coordinator holds it; asked twice, the session takes it once. That a release window
closes falls due in the session itself (`protocol.session.ceremony.due`).
"""

import asyncio
from typing import Final

from protocol import canonical
from protocol.commands_ceremony import ReceiveBids, ReceivedBid
from protocol.refusals import Refusal
from protocol.seal import releasing
from protocol.session.ceremony import reading
from protocol.session.installation import own, stage_of
from protocol.session.state import State, Track, earlier
from protocol.wire import Answer, Submit
from server import telemetry
from server.bids.receiving import Receiving
from server.bids.tender import Handed
from server.config import Bounds
from server.senses import Senses
from server.sessions.admission import INSTALLATION
from server.sessions.registry import Registry
from server.sessions.signer import Signer
from server.store.contract import NotDurable

_NAME_CHARS: Final = 40
_PSEUDONYM_BYTES: Final = 6
_log = telemetry.logger("server.gateway")


class OpeningClerk:
    """Looks at the tenders whose bids lie here."""

    def __init__(
        self, bids: Receiving, registry: Registry, signer: Signer, senses: Senses, bounds: Bounds
    ) -> None:
        """Enter for these sessions; nothing is looked at before `start`."""
        self._bids = bids
        self._registry = registry
        self._signer = signer
        self._senses = senses
        self._bounds = bounds
        self._since: dict[tuple[str, str, int], int] = {}
        """(session, stage, round) → since when a threshold of every group has answered (running ms)."""
        self._refused: dict[tuple[str, str], int] = {}
        """(session, stage) → how long the record was when the act was refused: not tried there again."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look from now on."""
        self._task = asyncio.create_task(self._run(), name="opening clerk")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self, session: str) -> None:
        """Enter what a session waits for, if it waits for bids.

        Raises:
          NotDurable: session or bids cannot be read now.
        """
        published = await self._registry.published(session)
        if published is None or published.state.installation_key != self._signer.key:
            return
        state = published.state
        for here in state.tracks.values():
            waits = here.phase == "OPENING" and self._refused.get((session, here.name)) != state.size
            if waits and self._have_answered(state, here):
                await self._enter(state, here)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._bounds.opening_look_ms / 1000)
            for session in self._bids.frozen():
                try:
                    await self.look(session)
                except NotDurable as error:
                    _log.warning("cannot look at an opening", session=session, error=str(error))

    def _have_answered(self, state: State, here: Track) -> bool:
        """Everybody has, or nobody more is to be expected."""
        found = reading.of(state, here)
        place = (state.session, here.name, here.round)
        if reading.short_of(found, found.answered):
            self._since.pop(place, None)
            return False
        now = self._senses.running_ms()
        since = self._since.setdefault(place, now)
        everybody = sum(len(group.members) for group in found.groups)
        return len(found.answered) == everybody or now - since >= self._bounds.roll_call_wait_ms

    async def _enter(self, state: State, here: Track) -> None:
        handed = await self._bids.handed(state.session, here.lot, here.envelope)
        if isinstance(handed, Refusal):
            return
        content = ReceiveBids(received(state, here, handed))
        # What was refused once would be refused again under its name; as the record grows it may fit.
        cause = f"receive bids {here.name} {here.round} {state.size}"
        stage = stage_of(state, here.lot, here.envelope)
        command = own(state, stage, content, cause, max(self._senses.now_ms(), state.at))
        submit = Submit(
            command=canonical.encode(command).decode(), sig=self._signer.command(command), disclosures=()
        )
        answer = await self._registry.submit(submit, INSTALLATION)
        if isinstance(answer, Answer) and answer.status == "accepted":
            _log.info("bids received", session=state.session, stage=here.name, bids=len(content.bids))
            return
        refused = answer if isinstance(answer, Refusal) else answer.refused
        code = "" if refused is None else refused.code
        _log.warning("bids not entered", session=state.session, stage=here.name, code=code)
        if isinstance(answer, Answer):
            self._refused[state.session, here.name] = state.size


def received(state: State, here: Track, handed: tuple[Handed, ...]) -> tuple[ReceivedBid, ...]:
    """What is entered of the bids that were handed in for a stage; of a later envelope who passed alone.

    A bidder is called as its bid (`tender.bidders`), unless that is a seat's name.
    """
    before = earlier(state, here)
    passing = frozenset(before[-1].turns.passing) if before else None
    found = []
    for one in handed:
        name = one.bidder
        if name in state.seats:
            name = f"{name[:_NAME_CHARS]}-{one.received.key[:_PSEUDONYM_BYTES].hex()}"
        if passing is None or name in passing:
            found.append(ReceivedBid(one.received.bid, name, releasing.mark_digest(one.mark)))
    return tuple(found)
