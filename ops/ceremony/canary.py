"""A search for what a coordinator must never hold: plaintext, content keys, shares, bidders' keys (28.9).

Knows what to look for because it holds every key of the rehearsal: the words of the papers, each bidder's own
key, each custodian's share and private key, each group's key, the key that every container is sealed under,
and the venues' keys. It looks in files and in a core of a process, or in its memory where none is dumped, for
each secret as bytes, in hex and in base64. That it finds at all is shown where the secrets may lie: the
plaintext at a venue, others in the process that rehearses, which is the bidders' and has every key.
"""

import base64
import mmap
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from ops import custody
from ops.bids import reading
from ops.ceremony.bidding import Container
from ops.custody import SUITE
from ops.installation import COORDINATOR, Installation
from protocol.seal import container, dealing, suites
from protocol.seal.suite import SoftwareKey

WORDS: Final = b"rehearsal-canary"
"""Stands in every dummy paper, followed by a number of its own."""
REGION_BYTES_MAX: Final = 268_435_456
DUMPER: Final = "gcore"
"""Dumps a core of a process that goes on (gdb); where there is none its memory is read in the same way."""
DUMP_S: Final = 120
SOME: Final = 6
"""So many of the secrets show that the search finds what is there."""
_SCALAR: Final = b"\x02\x01\x01\x04\x20"


def needles(found: Installation, session: str, bids: Sequence[Container]) -> dict[str, tuple[bytes, ...]]:
    """What to look for, by what it is; each as it could stand on a disk.

    Raises:
      Trouble: a key or a container cannot be read.
    """
    suite = suites.get(SUITE)
    secrets: dict[str, bytes] = {}
    holders = {name: _key(found.data / custody.FOLDER / name / "custody.pem") for name in found.custodians}
    for name, (_, scalar) in holders.items():
        secrets[f"private key of {name}"] = scalar
    for one in bids:
        header = reading.inspected(one.path).header
        assert header is not None
        own, scalar = _key(one.key)
        keys = {dealing.BIDDER: container.unlock(suite, header, own)}
        secrets[f"private key of bidder {one.bidder}"] = scalar
        secrets[f"own key of bid {header.bid.bid}"] = keys[dealing.BIDDER]
        for group in header.groups:
            shares = [
                dealing.take(suite, header.bid, group, place, holders[member.custodian][0])
                for place, member in enumerate(group.members, 1)
            ]
            for share, member in zip(shares, group.members, strict=True):
                secrets[f"share of {member.custodian} of {header.bid.bid}"] = share.share
            keys[group.group] = dealing.combine(suite, header.bid, group, shares)
            secrets[f"key of {group.group} of {header.bid.bid}"] = keys[group.group]
        secrets[f"content key of {header.bid.bid}"] = dealing.bid_key(suite, header.bid, keys)
    for path in found.data.glob(f"nodes/*/opening-keys/{session}.key"):
        secrets[f"opening key of {path.parents[1].name}"] = _scalar(path.read_bytes())
    told = {name: _forms(value) for name, value in secrets.items() if value}
    return {"plaintext": (WORDS,), **told}


def search(
    found: Installation, session: str, bids: Sequence[Container], pid: int = 0, *, opened: bool = True
) -> tuple[str, ...]:
    """What was found at the coordinator that must not be there, each in words; empty for nothing.

    Args:
      found: the installation.
      session: the session.
      bids: its containers, with the bidders' keys beside them.
      pid: the coordinator's process, whose memory is searched too; 0 for none.
      opened: bids were opened, so that the same search finds plaintext at a venue; else it must not.

    Raises:
      AssertionError: the very same search does not find the plaintext at a venue, where it lies.
    """
    wanted = needles(found, session, bids)
    folders = [found.data / name for name in found.coordinators]
    logs = [found.logs / f"{name}.log" for name in found.coordinators]
    leaked = [f"{what} in {path}" for path, what in _in_files((*folders, *logs), wanted)]
    if pid:
        leaked += [f"{what} in a core of {COORDINATOR}" for what in in_core(pid, wanted)]
        some = {what: wanted[what] for what in list(wanted)[:: len(wanted) // SOME + 1]}
        assert set(in_core(os.getpid(), some)) == set(some), "the search finds what is in a core"
    venue = found.config(found.main.place.node).parent / "openings"
    control = {what for _, what in _in_files((venue,), wanted)}
    assert ("plaintext" in control) == opened, "the search finds what is there, and that alone"
    return tuple(leaked)


def in_memory(pid: int, wanted: Mapping[str, tuple[bytes, ...]]) -> Iterator[str]:
    """Which of these stand in a process's memory now, as a dump of its core would hold them."""
    seen: set[str] = set()
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            told = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if told is None or "[v" in line:
                continue
            start, end = int(told[1], 16), int(told[2], 16)
            if end - start > REGION_BYTES_MAX:
                continue
            try:
                memory.seek(start)
                raw = memory.read(end - start)
            except (OSError, OverflowError):
                continue
            seen |= {what for what, forms in wanted.items() if any(form in raw for form in forms)}
    yield from sorted(seen)


def in_core(pid: int, wanted: Mapping[str, tuple[bytes, ...]]) -> Iterator[str]:
    """Which of these stand in a core of a process, dumped now; without a debugger (gdb) as `in_memory`.

    Raises:
      CalledProcessError: the core could not be dumped.
    """
    dump = shutil.which(DUMPER)
    if dump is None:
        yield from in_memory(pid, wanted)
        return
    with tempfile.TemporaryDirectory(prefix="tongchang-core-") as folder:
        core = Path(folder) / "core"
        subprocess.run([dump, "-o", str(core), str(pid)], check=True, capture_output=True, timeout=DUMP_S)
        yield from sorted({what for _, what in _in_files((core.with_name(f"core.{pid}"),), wanted)})


def _in_files(places: Sequence[Path], wanted: Mapping[str, tuple[bytes, ...]]) -> Iterator[tuple[Path, str]]:
    for place in places:
        for path in sorted(place.rglob("*") if place.is_dir() else [place]):
            if not path.is_file() or not path.stat().st_size or not _may_hold(path, wanted):
                continue
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
                for what, forms in wanted.items():
                    if any(raw.find(form) >= 0 for form in forms):
                        yield path, what


def _may_hold(path: Path, wanted: Mapping[str, tuple[bytes, ...]]) -> bool:
    """Whether any of these may stand in a file: looked for all at once, the longest line of each (grep)."""
    lines = {max(form.split(b"\n"), key=len) for forms in wanted.values() for form in forms}
    with tempfile.NamedTemporaryFile(prefix="tongchang-needles-") as file:
        file.write(b"\n".join(sorted(lines)))
        file.flush()
        command = ["grep", "--text", "--quiet", "--fixed-strings", "--file", file.name, str(path)]
        return subprocess.run(command, check=False, env={"LC_ALL": "C"}).returncode != 1


def _forms(secret: bytes) -> tuple[bytes, ...]:
    """A secret as bytes, in hex, and in base64 wherever in a longer value it begins."""
    found = [secret, secret.hex().encode(), secret.hex().upper().encode()]
    for shift in range(3):
        # The first and last letters hang on what stands beside; those between are the secret's alone.
        text = base64.b64encode(bytes(shift) + secret)
        found.append(text[4 if shift else 0 : -4])
    return tuple(found)


def _key(path: Path) -> tuple[SoftwareKey, bytes]:
    der = reading.private_der(path)
    return suites.get(SUITE).private_key(der), _scalar(der)


def _scalar(der: bytes) -> bytes:
    """The 32 bytes of a PKCS #8 key on a curve of 256 bits, where SEC 1 has them (RFC 5915)."""
    at = der.find(_SCALAR)
    return der[at + len(_SCALAR) : at + len(_SCALAR) + 32] if at >= 0 else b""
