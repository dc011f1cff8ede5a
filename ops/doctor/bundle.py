"""The support bundle: one file that helps somebody far away, and tells them nothing that is secret.

Holds the doctor's result, versions, configuration and the logs' ends as `redaction` lets them leave, what
runs, and how large the stores are; no entry, no draft, no document, no key. Before it is written, every
secret that lies in the data folder is looked for in it, in every form it might have taken: one that is found
stops the bundle.
"""

import io
import json
import platform
import tarfile
import zipfile
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

from ops import files, installation, senses
from ops.doctor import examination, redaction
from ops.doctor.check import Check, first_line
from ops.doctor.leaks import leaked
from ops.installation import COORDINATOR, Installation
from ops.trouble import Trouble
from server.store.health import rows_at, rows_of

LOG_BYTES_MAX: Final = 200_000
"""Of each log, its end."""
LOGS_MAX: Final = 40
LISTED_FILES_MAX: Final = 2_000
README: Final = """\
同场支持包 / Tongchang support bundle

内容:自检结果、软件版本、配置(密钥、代码、口令已略去)、日志末尾(姓名与内容已略去)、进程、数据库大小与行数。
不含:评标记录、评分、草稿、投标与招标文件、密钥、一次性代码、姓名。寄出前请自行打开查看,均为纯文本。

In it: the doctor's result, versions, configuration (keys, codes and passwords left out), the ends of the
logs (names and contents left out), processes, sizes of the stores and their numbers of rows.
Not in it: records, scores, drafts, bids and documents, keys, one-time codes, names. Look through it before
you send it; all of it is plain text.
"""


def write(path: Path, data: Path, checks: tuple[Check, ...]) -> int:
    """Write the bundle, as a zip where the name says so, else as a tar.gz; how many bytes it has.

    Raises:
      Trouble: it cannot be written, or a secret would have been in it.
    """
    parts = dict(_parts(data, checks))
    for name, raw in parts.items():
        if (why := leaked(raw, data)) is not None:
            raise Trouble(
                f"支持包未写出:其中的 {name} 会泄露 {why}。"
                "请改为发送 tongchang doctor --json 的输出,并报告此问题。",
                f"The bundle was not written: its {name} would give away {why}. Send the output of tongchang "
                "doctor --json instead, and report this.",
            )
    raw = _zip(parts) if path.suffix == ".zip" else _tar(parts)
    files.write(path, raw)
    return len(raw)


def _parts(data: Path, checks: tuple[Check, ...]) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", README.encode()
    yield "doctor.json", _doctor(checks)
    yield "versions.json", _json(_versions())
    yield "stack.json", _json(files.read_json(data / "stack.json"))
    yield "files.json", _json(dict(_sizes(data)))
    if (data / "installation.json").exists():
        found = installation.find(data)
        yield "rows.json", _json(_rows(found))
        for path in (data / "installation.json", *_configs(found)):
            name = path.relative_to(data.absolute()).as_posix().replace("/", "-")
            yield f"config/{name}", _json(redaction.configuration(files.read_json(path) or {}))
        known = frozenset((*found.coordinators, *(node.place.node for node in found.nodes)))
        reader = redaction.Reader(senses.Dice().bytes32("nicknames"), known)
        for log in sorted(found.logs.glob("*.log"))[:LOGS_MAX]:
            yield f"logs/{log.name}", "".join(f"{reader.line(line)}\n" for line in _tail(log)).encode()


def _doctor(checks: tuple[Check, ...]) -> bytes:
    """The result as it is printed; what other programs are called with may hold a password."""
    told = json.loads(examination.as_json(checks))
    for one in told["checks"]:
        if one["name"] == "ports" and not one["ok"]:
            one["zh"], one["en"] = (redaction.WITHHELD, redaction.scrub(one["en"]))
    return _json(told)


def _versions() -> dict[str, Any]:
    packages = sorted({(one.name, one.version) for one in distributions()})
    return {
        "at_ms": senses.now_ms(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "node": first_line("node", "--version"),
        "packages": dict(packages),
    }


def _configs(found: Installation) -> Iterator[Path]:
    for name in (*found.coordinators, *(node.place.node for node in found.nodes)):
        yield found.config(name)


def _rows(found: Installation) -> dict[str, int]:
    url = installation.database(found)
    path = found.data / COORDINATOR / "coordinator.db"
    return rows_at(url) if url else rows_of(path) if path.exists() else {}


def _sizes(data: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """Files and bytes of each folder: a file's own name may say whose it is."""
    folders: dict[str, list[int]] = {}
    for path in data.rglob("*"):
        if path.is_file() and not path.is_symlink():
            place = path.relative_to(data).parts
            folders.setdefault("/".join(place[:-1][:3]) or ".", []).append(path.stat().st_size)
    for name in sorted(folders)[:LISTED_FILES_MAX]:
        # Sessions are named by people; below a node's own folders only how much there is counts.
        yield redaction.scrub(name), {"files": len(folders[name]), "bytes": sum(folders[name])}


def _tail(log: Path) -> Iterator[str]:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LOG_BYTES_MAX))
        begun = file.tell() > 0
        lines = file.read(LOG_BYTES_MAX).decode(errors="replace").splitlines()
    yield from lines[1:] if begun else lines


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in parts.items():
            archive.writestr(f"tongchang-support/{name}", raw)
    return out.getvalue()


def _tar(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, raw in parts.items():
            member = tarfile.TarInfo(f"tongchang-support/{name}")
            member.size, member.mode, member.mtime = len(raw), files.PRIVATE, senses.now_ms() // 1000
            archive.addfile(member, io.BytesIO(raw))
    return out.getvalue()
