"""`tongchang agree`: compare the product's evaluation with the second engine's, one tender for each seed.

Owns what a person sees of it: how far it is, differences with the smallest tender that shows them, a summary.
The second engine is part of the project's tests and is not installed with the command. Source: issue 5.
"""

import json
import sys
from typing import Any

from ops.trouble import Trouble

TENDERS_A_LINE = 10_000
"""Without a terminal a line tells of so many."""


def agree(seeds: range, jobs: int, *, as_json: bool) -> bool:
    """Compare the engines; False when they differ anywhere.

    Raises:
      Trouble: the second engine is not here.
    """
    engines = _engines()
    told_at = 0
    differ = 0

    def told(done: int, some: Any) -> None:
        nonlocal told_at, differ
        differ += len(some.differences)
        for one in some.differences:
            _clear()
            print(
                f"种子 {one.seed} / seed {one.seed}:", *one.where, one.smallest, sep="\n  ", file=sys.stderr
            )
        if sys.stderr.isatty():
            print(f"\r  {done}/{len(seeds)}", end="", file=sys.stderr, flush=True)
        elif done - told_at >= TENDERS_A_LINE or done == len(seeds):
            told_at = done
            print(f"{done}/{len(seeds)}: {differ}", file=sys.stderr, flush=True)

    summary = engines.agree(seeds, jobs, told)
    _clear()
    found = engines.as_json(summary)
    if as_json:
        print(json.dumps(found, ensure_ascii=False), flush=True)
    else:
        print(f"{found['tenders']} 个标段,{found['differ']} 个结果不一致,{found['took_s']} 秒。")
        print(f"{found['tenders']} tenders, {found['differ']} with different results, {found['took_s']} s.")
    return not summary.differences


def _engines() -> Any:
    try:
        from tests.second_engine import agreement as room  # noqa: PLC0415 - the tests are not installed
    except ImportError as error:
        raise Trouble(
            "第二套评审程序属于项目的测试,未随命令安装。请在项目文件夹中运行。",
            "The second engine is part of the project's tests and is not installed with the command. Run "
            "this in the project's folder.",
            2,
        ) from error
    return room


def _clear() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
