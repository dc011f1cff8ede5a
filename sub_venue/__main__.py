"""Starts a sub-venue's node: `python -m sub_venue --config PATH`."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop
from pydantic import ValidationError

from sub_venue import assembly, config
from sub_venue.config import Settings


def main() -> int:
    """Read the configuration and run; 0 after an orderly stop, 1 when it could not start."""
    return start("sub_venue", "副场节点", "A sub-venue's node", assembly.run)


def start(program: str, zh: str, en: str, run: Callable[[Settings], Awaitable[None]]) -> int:
    """Run a node from the command line; also for the main venue's."""
    words = argparse.ArgumentParser(
        prog=f"python -m {program}", description=f"{zh}:运行直至收到 SIGTERM / {en}; runs until SIGTERM"
    )
    words.add_argument("--config", type=Path, required=True, help="配置文件 (JSON) / the configuration file")
    path: Path = words.parse_args().config
    try:
        settings = config.read(path)
    except OSError as error:
        return _say(f"无法读取配置文件 {path}。", f"Cannot read the configuration {path}: {error}")
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        return _say(f"配置文件 {path} 有误:{faults}", f"The configuration {path} is not valid: {faults}")
    except ValueError as error:
        return _say(f"配置文件 {path} 有误:{error}", f"The configuration {path} is no JSON: {error}")

    async def go() -> None:
        await run(settings)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(go())
    except (OSError, ValueError) as error:
        return _say(f"{zh}无法运行:{error}", f"{en} cannot run: {error}")
    return 0


def _say(zh: str, en: str) -> int:
    print(f"✗ {zh}\n  {en}", file=sys.stderr, flush=True)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
