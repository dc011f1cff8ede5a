"""`tongchang verify`: whether an archive holds under a trust policy that does not come from it (SPEC 26.1).

Owns the call alone. The verdict is a program's that was written from SPEC.md and the golden vectors without
sight of the rest of the house; it runs as a process of its own, from which nothing of the house is imported.
Whoever needs it elsewhere copies `tongchang_verify.py`. A signed report is checked besides, by `ops.signing`.
"""

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from ops.options import AsJson
from ops.trouble import Trouble

PROGRAM: Final = Path(__file__).resolve().with_name("tongchang_verify.py")
VERDICTS: Final = (0, 1, 2)
"""Valid, invalid, undecided."""
WORSE: Final = (0, 2, 1)
"""The same, the worst last."""


def verify(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="归档文件 / the archive")],
    policy: Annotated[
        Path,
        typer.Option("--policy", metavar="POLICY", help="会话前另行取得的信任策略 / the policy from before"),
    ],
    since: Annotated[
        Path | None,
        typer.Option(
            "--since", metavar="OLD", help="较早的归档,须为其延续 / an older archive that it extends"
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="PDF", help="另核验签署报告 / and the signed report of its session"),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option("--trust", metavar="LIST", help="签署证书的信任列表 / the trust list of its signers"),
    ] = None,
    seal: Annotated[
        list[Path] | None,
        typer.Option("--seal", metavar="P7S", help="报告随附的签名,可多次 / signatures beside the report"),
    ] = None,
    signed: Annotated[
        bool,
        typer.Option("--signed", help="另核验归档文件内的签署报告 / and the signed report that it holds"),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """独立核验归档文件 / Verify an archive independently: exit 0 valid, 1 invalid, 2 cannot decide."""
    code = run(archive, policy, since, as_json=as_json)
    if signed and report is None:
        from ops.signing import archived as room  # noqa: PLC0415 - only where a signed report is checked

        # An archive that is not valid vouches for no trust list.
        raise typer.Exit(code or room.check_own(archive, as_json=as_json))
    if report is None:
        raise typer.Exit(code)
    if trust is None:
        raise Trouble("核验签署报告须以 --trust 指定信任列表。", "--report needs a trust list: --trust.", 2)
    from ops.signing import archived  # noqa: PLC0415 - only where a signed report is to be checked

    apart = archived.check(archive, report, trust, tuple(seal or ()), as_json=as_json)
    raise typer.Exit(max((code, apart), key=WORSE.index))


def require_valid(archive: Path, policy: Path) -> None:
    """See that the program finds an archive valid, and say what it found where it does not.

    Raises:
      Trouble: invalid, undecided, or no verdict.
    """
    call = [sys.executable, "-I", str(PROGRAM), str(archive), "--policy", str(policy)]
    done = subprocess.run(call, check=False, capture_output=True, text=True)
    if done.returncode:
        said = f"{done.stdout}{done.stderr}".strip()
        raise Trouble(
            f"独立核验程序未判定归档文件 {archive} 有效({done.returncode})。"
            f"请保留数据文件夹,并告知系统维护人员。\n{said}",
            f"The independent verifier did not find the archive {archive} valid ({done.returncode}). "
            f"Keep the data folder, and tell whoever looks after the system.\n{said}",
        )


def run(archive: Path, policy: Path, since: Path | None = None, *, as_json: bool = False) -> int:
    """The verdict on an archive, which the program says on our own standard output.

    Raises:
      Trouble: the program ended without a verdict (2).
    """
    call = [sys.executable, "-I", str(PROGRAM), str(archive), "--policy", str(policy)]
    call += ["--since", str(since)] if since is not None else []
    call += ["--json"] if as_json else []
    sys.stdout.flush()
    code = subprocess.run(call, check=False).returncode
    if code not in VERDICTS:
        raise Trouble(
            f"核验程序异常结束({code}),无法判定。请保留归档文件 {archive},并告知系统维护人员。",
            f"The verifier ended without a verdict ({code}). Keep the archive {archive}, and tell whoever "
            "looks after the system.",
            2,
        )
    return code
