"""The secrets of a data folder, each in every form it might travel in; for looking whether one got out.

Owns which files hold secrets and what forms a secret takes: as it is, base64 in both alphabets at any
alignment, hex in both cases. Reads only.
"""

import base64
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from cryptography.hazmat.primitives import serialization

from ops import files
from ops.trouble import Trouble

SECRET_BYTES_MIN: Final = 6
"""A shorter one would be found everywhere by chance."""
KEY_FILE_BYTES_MAX: Final = 20_000


def leaked(raw: bytes, data: Path) -> str | None:
    """Which secret of the folder stands in some bytes, in whatever form: what it is, never itself."""
    for what, secret in _secrets(data):
        if any(form in raw for form in forms(secret)):
            return what
    return None


@functools.cache
def forms(secret: bytes) -> tuple[bytes, ...]:
    """How a secret may look: itself, hex, and the part of its base64 that stays the same at any alignment.

    >>> forms(b"hunter2-hunter2")[1]
    b'68756e746572322d68756e74657232'
    """
    found = [secret, secret.hex().encode(), secret.hex().upper().encode()]
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + secret)
        # The first characters hold what stood before it, the last what comes after.
        inner = whole[(0, 2, 3)[shift] : len(whole) // 4 * 4 - 4]
        if len(inner) >= SECRET_BYTES_MIN:
            found += [inner, inner.translate(bytes.maketrans(b"+/", b"-_"))]
    return tuple(found)


@functools.lru_cache(maxsize=4)
def _secrets(data: Path) -> tuple[tuple[str, bytes], ...]:
    found = [(what, one) for what, one in _told(data) if len(one) >= SECRET_BYTES_MIN]
    return tuple(dict.fromkeys(found))


def _told(data: Path) -> Iterator[tuple[str, bytes]]:
    for path in (*data.rglob("*.key"), *data.rglob("key.pem")):
        if path.is_file() and path.stat().st_size <= KEY_FILE_BYTES_MAX:
            name = path.relative_to(data).as_posix()
            for one in _of_key(path.read_bytes()):
                yield name, one
    for path in data.rglob("config.json"):
        name = path.relative_to(data).as_posix()
        try:
            config = files.read_json(path)
        except Trouble:
            continue
        for what, text in _of_config(config if isinstance(config, dict) else {}):
            yield f"{name}: {what}", text.encode()


def _of_key(raw: bytes) -> Iterator[bytes]:
    """A key's file, line by line, and the private number itself."""
    lines = [line for line in raw.splitlines() if not line.startswith(b"-----")]
    yield from (lines if raw.startswith(b"-----") else [raw.strip()])
    try:
        key = serialization.load_pem_private_key(raw, password=None)
    except (ValueError, TypeError):
        return
    der = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    yield der
    yield der[-32:] if len(der) < 64 else der[36:68]


def _of_config(config: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("enrolment_code", "operator_token", "seed"):
        if isinstance(config.get(name), str):
            yield name, config[name]
    for name in ("database", "redis"):
        url = config.get(name)
        if isinstance(url, str) and (password := urlsplit(url).password):
            yield name, password
            yield name, unquote(password)
