"""The bus of several coordinators: hints in this process at once, in the others through Redis (SPEC 10).

Redis only wakes. What it loses while it is away, is flushed or is killed, the poll of sizes finds;
nothing is kept there that anybody would miss. Here a hint is a call and never waits for Redis; towards
the others the newest one of each session waits until it can be sent, and is forgotten when too many
wait. Which nodes are connected where is said again and again, so that a flush changes nothing.
"""

import asyncio
import collections
from collections.abc import Callable

import msgspec
from msgspec import Struct
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from protocol import canonical
from protocol.wire import Grown, Present
from server import telemetry
from server.config import Bounds
from server.fanout.bus import Listener, LocalBus, Stands
from server.senses import Senses
from server.telemetry import Meters

_PAUSE_MS = 50
_WAIT_S = 2.0
"""How long Redis may take to answer at all; then it is taken for away."""
_CHANNEL_HEX = 16
_CANCEL_AGAIN_S = 0.1

_log = telemetry.logger("server.fanout")
_hint: msgspec.json.Decoder[Grown | Present] = msgspec.json.Decoder(Grown | Present)


class Beat(Struct, frozen=True):
    """What another coordinator last said of the nodes connected to it, and when it was heard."""

    nodes: frozenset[str]
    heard_ms: int


class RedisBus:
    """`Bus` between coordinators."""

    def __init__(
        self, url: str, channel: str, holder: str, senses: Senses, bounds: Bounds, meters: Meters
    ) -> None:
        """Prepare; nothing is connected before `start`."""
        self._away = True
        self._present: Callable[[], frozenset[str]] = frozenset
        self._local = LocalBus()
        self._url = url
        self._channel = channel
        self._holder = holder
        self._senses = senses
        self._bounds = bounds
        self._meters = meters
        self._waiting: collections.OrderedDict[str, int] = collections.OrderedDict()
        self._something = asyncio.Event()
        self._beats: dict[str, Beat] = {}
        self._task: asyncio.Task[None] | None = None
        self._over = False
        self._say_away(away=True)

    @property
    def stands(self) -> Stands:
        """See `Bus.stands`."""
        return "away" if self._away else "here"

    def start(self, present: Callable[[], frozenset[str]]) -> None:
        """See `Bus.start`; as long as there is a Redis to speak through."""
        self._present = present
        self._task = asyncio.create_task(self._run(), name="bus")

    async def stop(self) -> None:
        """See `Bus.stop`."""
        self._over = True
        if self._task is not None:
            await _end([self._task], 10 * _CANCEL_AGAIN_S)

    def hint(self, session: str, size: int) -> None:
        """See `Bus.hint`: here at once, to the others as soon as it can be sent."""
        self._local.hint(session, size)
        self._waiting[session] = max(size, self._waiting.pop(session, 0))
        if len(self._waiting) > self._bounds.hints_waiting_max:
            self._waiting.popitem(last=False)
        self._something.set()

    def echo(self, session: str, size: int) -> None:
        """See `Bus.echo`."""
        self._local.hint(session, size)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """See `Bus.listen`."""
        return self._local.listen(listener)

    def elsewhere(self) -> frozenset[str]:
        """See `Bus.elsewhere`. While Redis is away the last word of each holds: nobody knows better."""
        since = self._senses.running_ms() - self._bounds.presence_ms
        heard = [beat for beat in self._beats.values() if self._away or beat.heard_ms >= since]
        return frozenset().union(*(beat.nodes for beat in heard))

    # --- the line to Redis --------------------------------------------------------------------------

    async def _run(self) -> None:
        """Connect, speak and hear until the line breaks; then again, after pauses that grow."""
        pause_ms = _PAUSE_MS
        while not self._over:
            try:
                async with _line(self._url) as line, line.pubsub() as heard:
                    await heard.subscribe(self._channel)
                    pause_ms = _PAUSE_MS
                    await self._converse(line, heard)
            except Exception as error:  # noqa: BLE001 - whatever it was, hints are tried again
                if not self._away:
                    _log.warning("redis is away", error=repr(error))
            self._say_away(away=True)
            await asyncio.sleep(pause_ms / 1000)
            pause_ms = min(2 * pause_ms, self._bounds.bus_pause_ms_max)

    async def _converse(self, line: Redis, heard: PubSub) -> None:
        talk = [
            asyncio.create_task(work) for work in (self._hear(heard), self._speak(line), self._beat(line))
        ]
        try:
            await asyncio.wait(talk, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(talk, _CANCEL_AGAIN_S)
        for ended in talk:
            if not ended.cancelled():
                ended.result()

    async def _hear(self, heard: PubSub) -> None:
        async for message in heard.listen():
            if self._over:
                return
            if message["type"] == "subscribe":
                # Only from here on is what the others say heard.
                self._say_away(away=False)
            elif message["type"] == "message":
                self._take(message["data"])

    def _take(self, data: bytes) -> None:
        """A message from the channel; one that is no hint is passed over."""
        try:
            hint = _hint.decode(data)
        except (msgspec.MsgspecError, UnicodeError):
            self._meters.hints.labels("unreadable").inc()
            return
        if hint.by == self._holder:
            return
        if isinstance(hint, Grown):
            self._meters.hints.labels("heard").inc()
            self._local.hint(hint.session, hint.size)
            return
        self._beats[hint.by] = Beat(frozenset(hint.nodes), self._senses.running_ms())

    async def _speak(self, line: Redis) -> None:
        while not self._over:
            await self._something.wait()
            self._something.clear()
            while self._waiting:
                session, size = next(iter(self._waiting.items()))
                await line.publish(self._channel, msgspec.json.encode(Grown(self._holder, session, size)))
                self._meters.hints.labels("sent").inc()
                if self._waiting.get(session) == size:
                    del self._waiting[session]

    async def _beat(self, line: Redis) -> None:
        """Say which nodes are here; forget what coordinators said that have long been silent."""
        while not self._over:
            present = Present(self._holder, tuple(sorted(self._present())))
            await line.publish(self._channel, msgspec.json.encode(present))
            await asyncio.sleep(self._bounds.presence_beat_ms / 1000)
            since = self._senses.running_ms() - self._bounds.presence_ms
            for by in [by for by, beat in self._beats.items() if beat.heard_ms < since]:
                del self._beats[by]

    def _say_away(self, *, away: bool) -> None:
        if self._away and not away:
            _log.info("redis is here")
            # The others come back to it one by one as well; until then their last word holds.
            now = self._senses.running_ms()
            self._beats = {by: Beat(beat.nodes, now) for by, beat in self._beats.items()}
        self._away = away
        self._meters.bus_away.set(away)


def channel_of(installation_key: str) -> str:
    """The channel of an installation, so that several may share one Redis (SPEC 10)."""
    return "tongchang/" + canonical.sha256(installation_key.encode()).hex()[:_CHANNEL_HEX]


async def _end(tasks: list[asyncio.Task[None]], again_s: float) -> None:
    """Cancel until it is heard: on Python 3.11 `asyncio.wait_for`, which the library uses, can lose one."""
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=again_s)


def _line(url: str) -> Redis:
    """Redis at a URL, asked once for each thing: pauses and tries are ours."""
    return Redis.from_url(
        url, socket_connect_timeout=_WAIT_S, socket_timeout=_WAIT_S, retry=Retry(NoBackoff(), 0)
    )
