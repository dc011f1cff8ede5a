"""Starts a custodian's standing service: `python -m sub_venue.custody --config PATH`."""

import argparse
import asyncio
import sys
from pathlib import Path

import uvloop
from pydantic import ValidationError

from sub_venue.custody import assembly, settings


def main() -> int:
    """Read the configuration and run; 0 after an orderly stop, 1 when it could not start or go on."""
    words = argparse.ArgumentParser(
        prog="python -m sub_venue.custody",
        description="密钥托管服务:运行直至收到 SIGTERM / A custodian's service; runs until SIGTERM",
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

    async def go() -> None:
        await assembly.run(told)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(go())
    except (OSError, ValueError) as error:
        return _say(f"密钥托管服务无法运行:{error}", f"The service cannot run: {error}")
    return 0


def _say(zh: str, en: str) -> int:
    print(f"✗ {zh}\n  {en}", file=sys.stderr, flush=True)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
