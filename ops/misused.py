"""A call that was typed wrong: what was wrong, what is right, in both languages, and the exit code 2.

Owns the sentences for each kind of misuse that the command line's parser tells.
"""

import difflib

from typer._click import exceptions as misuse

from ops import trouble
from ops.trouble import Trouble


def told(error: misuse.UsageError, commands: list[str]) -> int:
    """Say what was wrong with the call and what is right; `commands` are those there are."""
    where = error.ctx.command_path if error.ctx is not None else "tongchang"
    en = error.format_message().rstrip(".")
    if isinstance(error, misuse.NoSuchOption):
        zh = f"没有选项 {error.option_name}"
        if error.possibilities:
            zh += f",是否想用 {'、'.join(error.possibilities)}"
    elif isinstance(error, misuse.MissingParameter):
        zh = f"缺少参数 {_quoted(en)}"
    elif isinstance(error, misuse.BadOptionUsage):
        zh = f"选项 {error.option_name} 后缺少值"
    elif isinstance(error, misuse.BadParameter):
        zh = f"参数 {_quoted(en)} 的值有误"
    elif en.startswith("No such command"):
        zh, en = _no_such_command(en.partition(". ")[0], commands)
    elif en.startswith("Got unexpected extra"):
        zh = "有多余的参数"
    else:
        zh = "参数有误"
    usage = f"\n  {error.ctx.get_usage()}" if error.ctx is not None else ""
    trouble.show(Trouble(f"{zh}。用法见 {where} --help。", f"{en}. See {where} --help.{usage}"))
    return 2


def _no_such_command(en: str, commands: list[str]) -> tuple[str, str]:
    near = difflib.get_close_matches(_quoted(en), commands, n=1)
    zh = "没有这个命令"
    if near:
        zh, en = f"{zh},是否想用 {near[0]}", f"{en}, did you mean {near[0]}"
    return f"{zh};现有命令:{'、'.join(commands)}", f"{en}; the commands are: {', '.join(commands)}"


def _quoted(text: str) -> str:
    """What a message quotes first: the name of the argument that it is about."""
    parts = text.split("'")
    return parts[1] if len(parts) > 2 else ""
