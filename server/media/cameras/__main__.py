"""Starts what reads a venue's cameras in a process of its own: `-m server.media.cameras --config PATH`."""

import asyncio
import sys
from typing import Any

import structlog

from server.media import passthrough, process
from server.media.cameras import settings
from server.media.cameras.camera import Camera
from server.media.cameras.door import Door
from server.media.cameras.publishing import Publishing
from server.media.passthrough import Misfit
from server.starting import start, stopped

_MISFIT = ("摄像机接入无法运行", "What reads the cameras cannot run")
_log = structlog.get_logger("server.media.cameras")


async def _run(told: settings.Settings) -> None:
    stop = stopped()
    begun = process.begin(told)
    passthrough.offer_addresses(told.hosts)
    passthrough.ask_for_sound_too()
    fits = await passthrough.check()
    cameras = {one.source: Camera(one, told.bounds, begun.senses) for one in told.cameras}
    publishing = Publishing(told, cameras, begun.senses)
    door = Door(told, cameras, publishing, begun.secret, begun.run)
    tasks: list[asyncio.Task[Any]] = [
        asyncio.create_task(one.run(), name=f"camera {name}") for name, one in cameras.items()
    ]
    attending = asyncio.create_task(publishing.attend(), name="attend")
    tasks.append(attending)
    try:
        port = await door.open()
        _log.info("ready", control=port, cameras=len(cameras), engine=fits)
        stopping = asyncio.create_task(stop.wait(), name="stop")
        tasks.append(stopping)
        await asyncio.wait((stopping, attending), return_when=asyncio.FIRST_COMPLETED)
        if attending.done():
            await attending  # it runs for ever: where it does not, the process ends and is started again
    finally:
        await door.close()
        await publishing.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        _log.info("stopped")


if __name__ == "__main__":
    words = "摄像机接入", "What reads a venue's cameras"
    sys.exit(start("server.media.cameras", *words, settings.read, _run, {Misfit: _MISFIT}))
