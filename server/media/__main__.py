"""Starts a media worker: `python -m server.media --config PATH`, a process of its own."""

import asyncio
import sys

import structlog

from server.media import process, settings
from server.media.allowing import Allowing
from server.media.door import Door
from server.media.embedded import Embedded
from server.media.engine import Engine
from server.media.janus import Janus
from server.media.janus_talk import JanusGone, JanusRefused
from server.media.passthrough import Misfit
from server.media.recording import recorder
from server.media.recording.recorders import Recorders
from server.media.relays import Relays
from server.senses import Senses
from server.starting import start, stopped

_MISFIT = ("音视频转发无法运行", "A media worker cannot run")
_NO_JANUS = ("音视频转发无法连接 Janus", "A media worker cannot use Janus")
_FAULTS = {Misfit: _MISFIT, JanusGone: _NO_JANUS, JanusRefused: _NO_JANUS}
_log = structlog.get_logger("server.media")


async def _run(told: settings.Settings) -> None:
    stop = stopped()
    begun = process.begin(told)
    engine = _engine(told, begun.senses)
    fits = await engine.start()
    recorders = None
    if told.recordings is not None:
        recorders = Recorders(
            told.recordings, told.venue, engine, recorder.Bounds(segment_ms=told.bounds.segment_ms)
        )
        await asyncio.to_thread(recorders.take_up, told.number, told.workers)
    relays = Relays(told, engine, begun.senses)
    allowing = Allowing(told.bounds.sessions_max)
    door = Door(told, engine, allowing, begun.secret, recorders, relays, begun.run)
    handing_on = asyncio.create_task(relays.run(), name="relays")
    try:
        port, control = await door.open()
        _log.info("ready", port=port, control=control, engine=fits)
        await stop.wait()
    finally:
        handing_on.cancel()
        await asyncio.gather(handing_on, return_exceptions=True)
        await door.close()
        if recorders is not None:
            await recorders.close()
        await engine.close()
        _log.info("stopped")


def _engine(told: settings.Settings, senses: Senses) -> Engine:
    """The engine that the configuration names."""
    if told.janus is None:
        return Embedded(senses, told.bounds, hosts=told.hosts, ice=told.ice_servers)
    secret = told.janus.secret.read_text().strip() if told.janus.secret is not None else ""
    return Janus(senses, told.bounds, told.janus, secret, hosts=told.hosts)


if __name__ == "__main__":
    sys.exit(start("server.media", "音视频转发", "A media worker", settings.read, _run, _FAULTS))
