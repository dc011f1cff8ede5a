"""The command line: help that reads well, and a wrong call that is told what is right."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from ops.command import app
from tests.house import ground

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "COLUMNS": "100", "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
COMMANDS = (
    "server",
    "main-venue",
    "sub-venue",
    "media",
    "source",
    "cosigner",
    "up",
    "act",
    "rank",
    "replay",
    "play",
    "receipt",
    "verify",
    "policy",
    "draw",
    "tsa",
    "seal",
    "inspect",
    "unlock",
    "upload",
    "bidder",
    "ukey",
    "report",
    "documents",
    "faults",
    "doctor",
    "bench",
    "storm",
    "agree",
    "province",
    "archive",
    "custodian",
    "ceremony",
    "witness",
    "sign",
    "bid",
    "pool",
    "cert",
    "ca",
)


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.command", *arguments],
        cwd=ground.ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_help_names_every_command_in_both_languages() -> None:
    done = call("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        line = next(line for line in done.stdout.splitlines() if re.search(rf"│ {command} ", line))
        assert re.search(r"[一-鿿]", line), line
    assert "同场" in done.stdout


def test_every_command_and_option_explains_itself_in_both_languages() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    assert tuple(group.commands) == COMMANDS
    for name, command in group.commands.items():
        texts = {one.opts[0]: getattr(one, "help", "") for one in command.params}
        texts[name] = command.help or ""
        for what, text in texts.items():
            assert re.search(r"[一-鿿].* / [A-Za-z]", text), f"{name} {what}: {text}"


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["x"], "没有这个命令;现有命令:server", "No such command 'x'; the commands are: server"),
        (
            ["repaly"],
            "没有这个命令,是否想用 replay;现有命令",
            "No such command 'repaly', did you mean replay;",
        ),
        (["x"], "、pool、cert、ca。", ", pool, cert, ca."),
        (["act", "--case"], "选项 --case 后缺少值", "'--case' requires an argument"),
        (["act", "--jsn"], "没有选项 --jsn,是否想用 --json", "--json"),
        (["act", "--seed", "x"], "参数 --seed 的值有误", "integer"),
        (["act", "--seed", "-1"], "参数 --seed 的值有误", "greater than or equal to 0"),
        (["up", "--ports-from", "70000"], "参数 --ports-from 的值有误", "65000"),
        (["rank"], "缺少参数 CASE.json", "CASE.json"),
        (["replay", "a", "b"], "有多余的参数", "unexpected"),
        (["server"], "缺少参数 --config", "--config"),
        (["server", "--config", "no.json"], "没有文件 no.json", "There is no file no.json"),
        (
            ["act", "--up", "--case", "no.json"],
            "无法读取案例文件 no.json",
            "Check the path given with --case",
        ),
        (
            ["act", "--up", "--case", "ops/cases/textbook_osce_days.json"],
            "没有评标委员会",
            "Use tongchang rank",
        ),
        (
            ["up", "--case", "ops/cases/textbook_osce_days.json"],
            "没有评标委员会",
            "Use tongchang rank",
        ),
        (
            ["act", "--up", "--case", "ops/cases/us_chsra_cp23_2014_partial.json"],
            "没有给出 M1 对 b2 的评分",
            "Complete its sheets",
        ),
        (["act", "--up", "--rules", "9"], "没有规则版本 9", "--rules takes 1, 2, 3, 4"),
        (
            ["act", "--script", "tie", "--rules", "3"],
            "去掉 --case 与 --rules",
            "leave out --case and --rules",
        ),
        (["bench", "speed"], "没有基准测试 speed", "there are: append"),
        (["replay", "no.record"], "无法读取记录文件 no.record", "Check the path"),
    ],
)
def test_a_wrong_call_is_told_what_is_right_and_ends_with_2(arguments: list[str], zh: str, en: str) -> None:
    done = call(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("✗ ")
    assert zh in done.stderr
    assert en in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_command_the_help_is_shown() -> None:
    done = call()
    assert done.returncode == 2
    assert "doctor" in done.stdout


def test_acting_on_a_stack_that_does_not_run_says_how_to_start_one(tmp_path: Path) -> None:
    done = call("act", "--data", str(tmp_path))
    assert done.returncode == 1
    assert "tongchang up" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_case_with_errors_names_the_lines(tmp_path: Path) -> None:
    text = (ground.ROOT / "ops" / "sample" / "case.json").read_text()
    wrong = text.replace('"bidder": "b2", "price"', '"bidder": "b1", "price"', 1)
    assert wrong != text
    (tmp_path / "wrong.json").write_text(wrong)
    done = call("act", "--up", "--case", str(tmp_path / "wrong.json"))
    assert done.returncode == 2
    assert re.search(r"\n +\d+: ", done.stderr)
