"""Files of the data folder: written whole or not at all, readable by their owner alone.

Owns how `ops` writes: beside the target, fsynced, then renamed over it. Must not know what is in a file.
"""

import json
import os
import threading
from pathlib import Path
from typing import Any

from ops.trouble import Trouble

PRIVATE = 0o600
FOLDER = 0o700


def make_folder(path: Path) -> Path:
    """Make a folder for its owner alone; what is there already stays as it is.

    Raises:
      Trouble: it cannot be made.
    """
    try:
        path.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(
            f"无法建立文件夹 {path}({error.strerror})。请检查权限与剩余空间,或用 --data 指定别处。",
            f"Cannot make the folder {path} ({error.strerror}). Check its permissions and the space left, "
            "or name another with --data.",
        ) from error
    return path


def write(path: Path, raw: bytes, mode: int = PRIVATE) -> None:
    """Put bytes at a path: complete or not at all, with the given mode.

    Raises:
      Trouble: the disk or the permissions do not allow it.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Trouble(
            f"无法写入 {path}({error.strerror})。请检查权限与剩余空间。",
            f"Cannot write {path} ({error.strerror}). Check its permissions and the space left.",
        ) from error


def write_json(path: Path, value: Any) -> None:
    """Put a value as readable JSON, for its owner alone."""
    write(path, (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode())


def read_json(path: Path) -> Any:
    """The value in a JSON file of the data folder, or None where there is no file.

    Raises:
      Trouble: the file is there and cannot be read.
    """
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Trouble(
            f"{path} 无法读取({error})。若它已损坏,请将其移开后重试。",
            f"{path} cannot be read ({error}). If it is damaged, move it away and try again.",
        ) from error
