"""How every process of a venue is started: from one configuration file, until SIGTERM.

Owns the command's words, and what is said where the configuration or the process does not do. Must not know
what is run.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import uvloop
from pydantic import ValidationError

S = TypeVar("S")


def start(
    program: str, zh: str, en: str, read: Callable[[Path], S], run: Callable[[S], Awaitable[None]]
) -> int:
    """Read the configuration and run; 0 after an orderly stop, 1 when it could not start or go on.

    Args:
      program: the module's name, as `python -m` takes it.
      zh: what is run, in Chinese.
      en: the same in English, with its article.
      read: gives the settings that stand in a file.
      run: runs by them until it is told to stop.
    """
    words = argparse.ArgumentParser(
        prog=f"python -m {program}", description=f"{zh}:运行直至收到 SIGTERM / {en}; runs until SIGTERM"
    )
    words.add_argument("--config", type=Path, required=True, help="配置文件 (JSON) / the configuration file")
    path: Path = words.parse_args().config
    try:
        settings = read(path)
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
