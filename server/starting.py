"""How every process of the coordinator is started: from one configuration file, until SIGTERM.

Owns the command's words, and what is said where the configuration or the process does not do. Must not know
what is run.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

import uvloop
from pydantic import ValidationError

S = TypeVar("S")


def stopped() -> asyncio.Event:
    """Set once this process is told to stop, by SIGTERM or SIGINT."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told


def start(
    program: str, zh: str, en: str, read: Callable[[Path], S], run: Callable[[S], Awaitable[None]],
    told: Mapping[type[Exception], tuple[str, str]] | None = None,
) -> int:  # fmt: skip
    """Read the configuration and run; 0 after an orderly stop, 1 when it could not start or go on.

    Args:
      program: the module's name, as `python -m` takes it.
      zh: what is run, in Chinese.
      en: the same in English, with its article.
      read: gives the settings that stand in a file.
      run: runs by them until it is told to stop.
      told: further faults that end it, and what is said of each.
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
    except tuple(told or ()) as error:
        kind_zh, kind_en = next(words for kind, words in (told or {}).items() if isinstance(error, kind))
        return _say(f"{kind_zh}:{error}", f"{kind_en}: {error}")
    return 0


def _say(zh: str, en: str) -> int:
    print(f"✗ {zh}\n  {en}", file=sys.stderr, flush=True)  # noqa: T201
    return 1
