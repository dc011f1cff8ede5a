"""Starts a coordinator: `python -m server --config PATH`."""

import argparse
import asyncio
import sys
from pathlib import Path

import uvloop
from pydantic import ValidationError

from server import assembly, config
from server.store.contract import NotDurable


def main() -> int:
    """Read the configuration and run; 0 after an orderly stop, 1 when it could not start."""
    words = argparse.ArgumentParser(
        prog="python -m server",
        description="协调系统:运行直至收到 SIGTERM / The coordinator; runs until SIGTERM",
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
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(assembly.run(settings))
    except (OSError, ValueError) as error:
        return _say(f"协调系统无法运行:{error}", f"The coordinator cannot run: {error}")
    except NotDurable as error:
        return _say(
            f"数据库无法使用。请检查磁盘空间与文件权限,或配置中 database 所指的服务器:{error}",
            "The database cannot be used. Check the disk's space and the file's rights, "
            f"or the server that `database` names in the configuration: {error}",
        )
    return 0


def _say(zh: str, en: str) -> int:
    print(f"✗ {zh}\n  {en}", file=sys.stderr, flush=True)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
