"""A venue's key for one session's opening: made for it, kept in a file of its own, destroyed with it.

To destroy is to overwrite, fsync and unlink. On a disk that keeps old blocks that is no proof; whoever
needs one keeps the key in a token, which forgets for certain (SPEC 28.2).
"""

import os
from pathlib import Path

from protocol.seal import suites
from protocol.seal.refused import SealRefused
from protocol.seal.suite import SoftwareKey
from sub_venue.custody.service import Senses

FOLDER = "opening-keys"
"""Where a venue's keys lie, in its data folder."""
_TRIES_MAX = 8
_SCALAR_BYTES = 32
_PRIVATE = 0o600
_FOLDER = 0o700


def create(folder: Path, session: str, suite_name: str, senses: Senses) -> SoftwareKey:
    """The key of a session; made where there is none.

    Raises:
      OSError: the disk does not allow it.
    """
    found = held(folder, session, suite_name)
    if found is not None:
        return found
    suite = suites.get(suite_name)
    for _ in range(_TRIES_MAX):
        try:
            der = suite.private_der(senses.secret(_SCALAR_BYTES))
        except SealRefused:
            continue
        break
    else:
        raise AssertionError("a generator that gives no key in so many draws is broken")
    folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    handle = os.open(_path(folder, session), os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(handle, "wb") as file:
        file.write(der)
        file.flush()
        os.fsync(file.fileno())
    return suite.private_key(der)


def held(folder: Path, session: str, suite_name: str) -> SoftwareKey | None:
    """The key of a session, or None where there is none, or no more."""
    try:
        der = _path(folder, session).read_bytes()
    except FileNotFoundError:
        return None
    return suites.get(suite_name).private_key(der)


def destroy(folder: Path, session: str) -> bool:
    """Destroy the key of a session; whether there was one."""
    path = _path(folder, session)
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return False
    with path.open("r+b", buffering=0) as file:
        file.write(bytes(size))
        os.fsync(file.fileno())
    path.unlink()
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return True


def _path(folder: Path, session: str) -> Path:
    return folder / f"{session}.key"
