"""The report as its session's own seats signed it, from the main venue where it lies (SPEC 29.7).

Owns finding the file whose digest the record names last, with the signatures beside it, and laying them where
the archive and whoever checks find them. Nothing is signed here.
"""

import hashlib
from pathlib import Path

from ops import certifying, files, replay
from ops.ca import alliance
from ops.installation import Installation
from ops.signing.left import Signed
from ops.trouble import Trouble
from protocol.session.state import State


def kept(found: Installation, record: Path) -> Signed | None:
    """What was signed in a session, copied beside its record; None where nothing was prepared in it.

    Raises:
      Trouble: the record cannot be read, or a file that it names is missing or is another.
    """
    state: State = replay.told(replay.read(record), str(record), lambda _, state: state)
    own = state.signatures
    if not own.prepared or own.report != state.report:
        return None
    folder = found.config(found.main.place.node).parent / "papers" / state.session
    out = record.with_suffix(".signed.pdf")
    files.write(out, _named(folder, own.document, "pdf"), mode=0o644)
    beside = []
    for place in own.places:
        paper = own.signed.get(place.seat)
        if paper is not None and paper.beside:
            path = out.with_suffix(f".{place.role}-{place.seat}.p7s")
            files.write(path, _named(folder, paper.digest, "p7s"), mode=0o644)
            beside.append(path)
    trust = found.data / certifying.AUTHORITIES / alliance.FILE
    return Signed(out, tuple(beside), trust, own.prepared)


def _named(folder: Path, digest: bytes, kind: str) -> bytes:
    path = folder / f"{digest.hex()}.{kind}"
    raw = replay.read(path)
    if hashlib.sha256(raw).digest() != digest:
        raise Trouble(
            f"{path} 与记录所载的签署文件不一致。请勿采信,并通知监督人员。",
            f"{path} is not the file that the record names. Do not rely on it, and tell a supervisor.",
        )
    return raw
