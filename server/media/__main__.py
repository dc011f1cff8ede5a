"""Starts a media worker: `python -m server.media --config PATH`, a process of its own."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import structlog
import uvloop
from pydantic import ValidationError

from server import telemetry
from server.media import settings
from server.media.allowing import Allowing
from server.media.door import Door
from server.media.embedded import Embedded
from server.media.passthrough import Misfit
from server.media.recording import recorder
from server.media.recording.recorders import Recorders
from server.media.relays import Relays
from server.senses import Senses

_RUN_BYTES = 8
_log = structlog.get_logger("server.media")


def main() -> int:
    """Read the configuration and run; 0 after an orderly stop, 1 when it could not start."""
    words = argparse.ArgumentParser(
        prog="python -m server.media",
        description="音视频转发:运行直至收到 SIGTERM / A media worker; runs until SIGTERM",
    )
    words.add_argument("--config", type=Path, required=True, help="配置文件 (JSON) / the configuration file")
    path: Path = words.parse_args().config
    try:
        told = settings.read(path)
    except OSError as error:
        return _say(f"无法读取配置文件 {path}。", f"Cannot read the configuration {path}: {error}")
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        return _say(f"配置文件 {path} 有误:{faults}", f"The configuration {path} is not valid: {faults}")
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(told))
    except (OSError, Misfit) as error:
        return _say(f"音视频转发无法运行:{error}", f"The media worker cannot run: {error}")
    return 0


async def _run(told: settings.Settings) -> None:
    senses = Senses()
    telemetry.configure(told.log_level, senses.now_ms)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    secret = told.control_secret.read_text().strip()
    engine = Embedded(senses, told.bounds, hosts=told.hosts, ice=told.ice_servers)
    fits = await engine.start()
    recorders = None
    if told.recordings is not None:
        recorders = Recorders(
            told.recordings, told.venue, engine, recorder.Bounds(segment_ms=told.bounds.segment_ms)
        )
        await asyncio.to_thread(recorders.take_up, told.number, told.workers)
    relays = Relays(told, engine, senses)
    run = senses.secret(_RUN_BYTES).hex()
    door = Door(told, engine, Allowing(told.bounds.sessions_max), secret, recorders, relays, run)
    handing_on = asyncio.create_task(relays.run(), name="relays")
    try:
        port, control = await door.open()
        _log.info("ready", port=port, control=control, engine=fits)
        await stopped.wait()
    finally:
        handing_on.cancel()
        await asyncio.gather(handing_on, return_exceptions=True)
        await door.close()
        if recorders is not None:
            await recorders.close()
        await engine.close()
        _log.info("stopped")


def _say(zh: str, en: str) -> int:
    print(f"✗ {zh}\n  {en}", file=sys.stderr, flush=True)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
