"""`ledger`: what checking, growing, proving and cosigning a record cost, beside what the machine can do.

Checking: entries are read back as a verifier reads them (canonical bytes, author's signature, leaf, root),
beside the bare signature check of the same bytes; on one core, and on two, which for the bare check tells
what the machine had to give. Growing: a leaf and the new root, beside an fdatasync of the same entry and
beside as many bare hashes. These take turns a thousand entries at a time, so that a neighbour who takes a
core for a second takes it from both sides. An event that is durable as the product makes it (`event`: its row
and its answer through `Store.append`, committed before anybody is told) is what an append is a share of.
Cosigning: a real cosigner process on loopback takes heads that grow by one entry, each fsynced before it is
signed.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec import Struct

from ops import files, senses
from ops.bench import appending
from ops.bench.report import Report
from ops.bench.rounds import Measured, Spread, Table, interleaved, quantile, spread
from ops.senses import Dice
from ops.side_by_side import SideBySide
from ops.stack import PROJECT
from ops.trouble import Trouble
from protocol import authored, commands, entry
from protocol.authored import Over
from protocol.commands import NO_HEAD, Command
from protocol.entry import Entry
from protocol.ledger import checkpoint, note, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.cosigner import Request
from protocol.ledger.levels import Levels
from protocol.seal import signing
from protocol.words import SESSION_STAGE
from server.config import Bounds
from server.store.sqlite import SqliteStore
from server.telemetry import Meters

GOALS: Final = {
    "verify_ratio_vs_signatures": 0.9,
    "two_cores_gain_vs_signatures": 0.9,
    "append_share_of_event": 0.05,
    "cosign_p99_ms": 50.0,
}
AUTHORS: Final = 40
CORES: Final = 2
READY_S: Final = 60.0
ORIGIN: Final = "bench.localhost/bench"


class Size(Struct, frozen=True):
    """How much is measured in each round."""

    events: int
    piece: int
    durable_piece: int
    proofs: int
    heads: int
    rounds: int
    store_ms: int


FULL: Final = Size(20_000, 1_000, 50, 2_000, 300, 5, 1_500)
QUICK: Final = Size(200, 100, 10, 20, 5, 2, 100)

Signed = tuple[bytes, bytes, bytes, bytes]
"""An entry, and for the bare check its author's key, its signature and what was signed."""


async def run(data: Path, *, quick: bool) -> Report:
    """Measure all of it; five rounds of 20,000 events are the 100,000 of the goal."""
    size = QUICK if quick else FULL
    folder = files.make_folder(data / f"ledger-{senses.now_ms()}")
    signed = _signed(size.events)
    grown = Levels(tree.leaf_hash(one[0]) for one in signed)
    cosigner = _Cosigner(folder, size.heads * size.rounds)
    try:
        await cosigner.start()
        with ThreadPoolExecutor(CORES) as pool:
            table = await _table(size, signed, grown, pool, cosigner, folder)
    finally:
        await cosigner.stop()
        for one in sorted(folder.rglob("*"), reverse=True):
            one.unlink() if one.is_file() else one.rmdir()
        folder.rmdir()
    return Report(
        "ledger",
        {
            "verify_ratio_vs_signatures": table.ratio("per_s", "verify", "signatures"),
            "verify_two_cores_vs_one": table.ratio("per_s", "verify_on_two", "verify"),
            "signatures_two_cores_vs_one": table.ratio("per_s", "signatures_on_two", "signatures"),
            "verify_ratio_vs_signatures_on_two": table.ratio("per_s", "verify_on_two", "signatures_on_two"),
            "two_cores_gain_vs_signatures": _gain(table),
            "append_share_of_event": table.ratio("us_per_event", "append", "event"),
            "append_share_of_durable": table.ratio("us_per_event", "append", "durable"),
            "append_ratio_vs_hashes": table.ratio("us_per_event", "append", "append_hashes"),
            "cosign_p99_ms": table.spread("cosign", "p99_ms"),
        },
        GOALS,
        {**table.figures(), "entry_bytes": len(signed[0][0]), **msgspec.to_builtins(size)},
    )


async def _table(
    size: Size, signed: list[Signed], grown: Levels, pool: ThreadPoolExecutor, cosigner: "_Cosigner",
    data: Path,
) -> Table:  # fmt: skip
    store = appending.Submitter(
        SqliteStore(data / "events.db", Meters(), Bounds().group_batches_max), 0, [one[0] for one in signed]
    )
    await store.begin()

    async def event() -> Measured:
        took_ms: list[float] = []
        await store.go_on(senses.running_ns() + size.store_ms * 1_000_000, took_ms)
        return {"us_per_event": 1e3 * sum(took_ms) / len(took_ms)}

    def per_s(do: Callable[[], Any], count: int) -> Callable[[], Any]:
        async def measure() -> Measured:
            return {"per_s": count / _seconds(do)}

        return measure

    others = await interleaved(
        size.rounds,
        {
            "inclusion": per_s(lambda: _inclusions(grown, size.proofs), size.proofs),
            "consistency": per_s(lambda: _consistencies(grown, size.proofs), size.proofs),
            "cosign": lambda: cosigner.measure(size.heads),
            "event": event,
        },
    )
    await store.close()
    rounds = [_in_turn(size, signed, pool, data / "durable") for _ in range(size.rounds)]
    return Table({**{side: tuple(one[side] for one in rounds) for side in rounds[0]}, **others.sides})


def _gain(table: Table) -> Spread:
    """What a second core gives to the verification, of what it gives to bare signatures, round by round."""
    rounds = zip(
        *(
            [one["per_s"] for one in table.sides[side]]
            for side in ("verify_on_two", "verify", "signatures_on_two", "signatures")
        ),
        strict=True,
    )
    return spread([(ours / alone) / (bare / one) for ours, alone, bare, one in rounds])


def _in_turn(
    size: Size, signed: list[Signed], pool: ThreadPoolExecutor, durable: Path
) -> dict[str, Measured]:
    """One round: side by side, a piece each in turn, the order turning with every piece."""
    sides: dict[str, Callable[[list[Signed]], Any]] = {
        "verify": _verify,
        "signatures": _check,
        "verify_on_two": lambda piece: _verify(piece, SideBySide(CORES)),
        "signatures_on_two": lambda piece: list(pool.map(_check, (piece[::CORES], piece[1::CORES]))),
        "hashes": lambda piece: [tree.leaf_hash(one[0]) for one in piece],
        "append": lambda piece: _append(piece, begun),
        "append_hashes": lambda piece: _append_hashes(piece, begun),
        "durable": lambda piece: _durable(piece[: size.durable_piece], durable),
    }
    took = dict.fromkeys(sides, 0.0)
    for begun in range(0, len(signed), size.piece):
        piece = signed[begun : begun + size.piece]
        for side in sides if begun // size.piece % 2 == 0 else reversed(sides):
            took[side] += _seconds(partial(sides[side], piece))
    counts = {**dict.fromkeys(sides, len(signed)), "durable": len(signed) * size.durable_piece // size.piece}
    return {
        side: {"us_per_event": 1e6 * took[side] / counts[side]}
        if side in ("append", "append_hashes", "durable")
        else {"per_s": counts[side] / took[side]}
        for side in sides
    }


def _seconds(do: Callable[[], Any]) -> float:
    begun = senses.running_ns()
    do()
    return (senses.running_ns() - begun) / 1e9


def _signed(count: int) -> list[Signed]:
    """So many entries, each a seat's new key, signed by one of forty authors."""
    dice = Dice("bench ledger")
    privates = [Ed25519PrivateKey.from_private_bytes(dice.bytes32("author", str(n))) for n in range(AUTHORS)]
    authors = [(one, signing.public_text(one), one.public_key().public_bytes_raw()) for one in privates]
    found = []
    for seq in range(count):
        private, key, public = authors[seq % AUTHORS]
        command = Command(
            session="bench", type="BindSeat", command_id=f"c{seq}", author_key=key, author_at=seq,
            author_seq=seq + 1, seen=NO_HEAD, stage=SESSION_STAGE,
            content=commands.BindSeat("M1", "code", signing.sign(private, b"attested")),
        )  # fmt: skip
        message = entry.signed_bytes(command)
        raw_sig = private.sign(message)
        sig = signing.sign(private, message)
        made = Entry(1, "bench", seq, seq, dice.bytes32("entropy", str(seq)), command, sig, ())
        found.append((entry.encode(made), public, raw_sig, message))
    return found


def _verify(signed: list[Signed], over: Over = map) -> bytes:
    """The root over entries that have been read and whose authors have signed them."""
    leaves = []
    for _, leaf, holds in authored.read([one[0] for one in signed], over):
        if not holds:
            raise Trouble("基准条目的签名不成立。", "A benchmark entry's signature does not hold.")
        leaves.append(leaf)
    return tree.root(leaves)


def _check(signed: list[Signed]) -> None:
    for _, public, sig, message in signed:
        Ed25519PublicKey.from_public_bytes(public).verify(sig, message)


def _append(signed: list[Signed], size: int) -> None:
    """A tree of so many leaves grows by these, its root known after each."""
    frontier = tree.Frontier(size, (bytes(32),) * size.bit_count())
    for raw, *_ in signed:
        frontier = tree.append(frontier, tree.leaf_hash(raw))
        tree.frontier_root(frontier)


def _append_hashes(signed: list[Signed], size: int) -> None:
    """The hashes that this takes, and nothing else: RFC 6962 leaves no root with fewer."""
    left = right = bytes(32)
    for now, (raw, *_) in enumerate(signed, size):
        sha256(b"\x00" + raw).digest()
        for _ in range((now ^ (now + 1)).bit_length() - 1 + (now + 1).bit_count() - 1):
            sha256(b"\x01" + left + right).digest()


def _durable(signed: list[Signed], path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for raw, *_ in signed:
            file.write(raw)
            os.fdatasync(file.fileno())


def _inclusions(grown: Levels, count: int) -> None:
    """Made and verified."""
    size, root = grown.size, grown.root()
    for n in range(count):
        index = n * size // count
        tree.verify_inclusion(index, size, grown.at(0, index), grown.inclusion(index, size), root)


def _consistencies(grown: Levels, count: int) -> None:
    """Made and verified."""
    size, root = grown.size, grown.root()
    for n in range(count):
        before = 1 + n * (size - 1) // count
        proof = grown.consistency(before, size)
        tree.verify_consistency(before, size, proof, grown.root(before), root)


class _Cosigner:
    """A cosigner's process, and a log that grows by one entry for each of its heads."""

    def __init__(self, folder: Path, heads: int) -> None:
        self._folder = folder
        private = Ed25519PrivateKey.generate()
        log = note.ed25519_signer(ORIGIN, private)
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        files.write(folder / "cosigner.key", pem)
        config = {
            "name": "bench.localhost/cosigner", "data_dir": str(folder / "state"), "http_port": 0,
            "key": str(folder / "cosigner.key"), "logs": [{"origin": ORIGIN, "keys": [log.key.vkey]}],
        }  # fmt: skip
        files.write_json(folder / "config.json", config)
        grown = Levels(tree.leaf_hash(str(n).encode()) for n in range(heads))
        self._bodies = iter(
            [
                Request(
                    n - 1,
                    grown.consistency(n - 1, n) if n > 1 else (),
                    checkpoint.sign(Checkpoint(ORIGIN, n, grown.root(n)), log),
                ).text.encode()
                for n in range(1, heads + 1)
            ]
        )
        self._process: asyncio.subprocess.Process | None = None
        self._port = 0

    async def start(self) -> None:
        """Run it until it says on which port."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sub_venue.cosigner", "--config", str(self._folder / "config.json"),
            cwd=PROJECT, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stderr is not None
        async with asyncio.timeout(READY_S):
            while not self._port:
                line = await self._process.stderr.readline()
                if not line:
                    raise Trouble("联署节点没有启动。", "The cosigner does not start.")
                told = json.loads(line) if line.startswith(b"{") else {}
                self._port = int(told.get("port", 0))

    async def measure(self, count: int) -> Measured:
        """Have so many heads cosigned, one after the other."""
        took = []
        async with aiohttp.ClientSession() as http:
            for _ in range(count):
                body, begun = next(self._bodies), senses.running_ns()
                url = f"http://127.0.0.1:{self._port}/add-checkpoint"
                async with http.post(url, data=body) as answer:
                    await answer.read()
                    if answer.status != 200:
                        raise Trouble(
                            f"联署节点回答 {answer.status}。", f"The cosigner answers {answer.status}."
                        )
                took.append((senses.running_ns() - begun) / 1e6)
        return {
            "p50_ms": quantile(took, 0.5),
            "p99_ms": quantile(took, 0.99),
            "per_s": 1e3 * count / sum(took),
        }

    async def stop(self) -> None:
        """End it."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.communicate()
