"""A bidder's own desk: one lot's bid from its files to its release, kept in one folder (投标人本机).

Owns what has been done so far and does one work after the other in a thread: sealing, handing in,
withdrawing, unlocking. The key is made here, lies here, and never leaves the machine. Must not know how a
page asks.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ops import files, senses
from ops.bidder import releasing, sending
from ops.bidder.commands import facts
from ops.bidder.line import Line
from ops.bids import reading
from ops.bids import seal as sealing_room
from ops.bids import unlock as unlock_room
from ops.trouble import Trouble
from protocol.refusals import refuse
from protocol.seal import suites
from protocol.seal.handing_in import SignedReceipt
from protocol.seal.refused import SealRefused
from protocol.seal.trust import certificate

STATE: Final = "desk.json"
_ENTRIES_MAX: Final = 2_000
_KEY_TRIES: Final = 8
_PROBLEM_ZH: Final = "本机程序出错,未完成。请重试;若再次出现,请联系技术支持。"
_PROBLEM_EN: Final = (
    "Something went wrong in this program and it was not done. Try again; if it happens again, "
    "ask for support."
)


class Doing(Struct, frozen=True):
    """What is being done now: `seal`, `upload`, `withdraw`, `unlock`; bytes done of how many."""

    what: str
    done: int = 0
    total: int = 0


class Said(Struct, frozen=True):
    """A trouble in both languages."""

    zh: str
    en: str


class Sealed(Struct, frozen=True):
    """A bid that was sealed here: where it lies, and what anybody can see of it."""

    bid: str
    path: str
    bytes: int
    container: str
    files: int
    project: str
    lot: str
    envelope: str
    suite: str


class Kept(Struct, frozen=True):
    """What the folder holds of the work so far."""

    sealed: Sealed | None = None
    to: str = ""
    session: str = ""
    ticket: str = ""
    deadline: int = 0
    receipts: tuple[str, ...] = ()
    released: str = ""


class Seen(Struct, frozen=True):
    """What the page is shown; `ticket` and keys are not."""

    folder: str
    key: str
    sealed: Sealed | None
    to: str
    session: str
    deadline: int
    receipts: tuple[dict[str, Any], ...]
    standing: bool
    """Whether the newest receipt says that a bid counts."""
    current: bool
    """Whether it is for what was sealed last."""
    released: str
    doing: Doing | None
    trouble: Said | None


class Entry(Struct, frozen=True):
    """A file or folder of this machine."""

    name: str
    path: str
    folder: bool
    bytes: int


class Shelf(Struct, frozen=True):
    """A folder of this machine, and what is in it; `parent` is empty at the top."""

    path: str
    parent: str
    entries: tuple[Entry, ...]


class Desk:
    """The work of one bidder in one folder."""

    def __init__(self, folder: Path) -> None:
        """Go on where the folder stands.

        Raises:
          Trouble: it cannot be made or read.
        """
        self._folder = files.make_folder(folder)
        self._lock = threading.Lock()
        self._work: threading.Thread | None = None
        self._doing: Doing | None = None
        self._trouble: Said | None = None
        told = files.read_json(folder / STATE)
        self._kept = Kept() if told is None else msgspec.convert(told, Kept)

    def seen(self) -> Seen:
        """How the work stands."""
        kept = self._kept
        receipts = tuple(self._receipts())
        last = receipts[-1] if receipts else None
        standing = last is not None and last.receipt.what == "received"
        current = last is not None and kept.sealed is not None
        return Seen(
            str(self._folder.absolute()), str(self._key(kept.sealed.suite)) if kept.sealed else "",
            kept.sealed, kept.to, kept.session, kept.deadline, tuple(map(facts, receipts)), standing,
            bool(standing and current and last and kept.sealed
                 and last.receipt.container.hex() == kept.sealed.container),
            kept.released, self._doing, self._trouble,
        )  # fmt: skip

    def shelf(self, path: str) -> Shelf:
        """A folder of this machine, for choosing; hidden files are left out.

        Raises:
          Trouble: it cannot be read.
        """
        folder = Path(path or Path.home()).expanduser().absolute()
        try:
            found = [
                Entry(one.name, str(one), one.is_dir(), 0 if one.is_dir() else one.stat().st_size)
                for one in sorted(folder.iterdir())[:_ENTRIES_MAX]
                if not one.name.startswith(".") and not one.is_symlink()
            ]
        except OSError as error:
            raise reading.unreadable(folder, error) from error
        parent = "" if folder.parent == folder else str(folder.parent)
        return Shelf(str(folder), parent, tuple(sorted(found, key=lambda one: not one.folder)))

    def seal(self, chosen: Sequence[str], policy: str) -> bool:
        """Seal these files under the tender's policy; False while something else is being done."""

        def work() -> None:
            wanted_policy = reading.policy(Path(policy))
            bid = f"bid-{senses.Dice().bytes32().hex()[:16]}"
            out = self._folder / f"{bid}.tcbid"
            key = self._made_key(wanted_policy.suite)
            wanted = sealing_room.Wanted([Path(one) for one in chosen], Path(policy), str(key), out, bid)
            made = sealing_room.seal(wanted, senses.Dice(), self._tell("seal"))
            found = sending.ends(out).offered
            of = made.header.bid
            self._keep(
                sealed=Sealed(
                    of.bid, str(out), found.size, found.digest.hex(), made.files, of.project, of.lot,
                    of.envelope, of.suite,
                ),
                released="",
            )  # fmt: skip

        return self._start("seal", work)

    def upload(self, to: str, session: str, ticket: str) -> bool:
        """Hand in what was sealed last; what was sent before is not sent again."""

        def work() -> None:
            sealed = self._sealed()
            given = ticket or self._kept.ticket
            line = Line(to)
            self._keep(to=to, session=session, ticket=given)
            self._keep(deadline=sending.tender(line, session).notice.deadline)
            done = sending.upload(Path(sealed.path), line, session, given, self._tell("upload"))
            self._add(done)

        return self._start("upload", work)

    def withdraw(self) -> bool:
        """Take back what counts."""

        def work() -> None:
            receipts = self._receipts()
            if not receipts:
                raise reading.trouble_of(refuse("WithdrawalRefused"))
            key = str(self._key(self._sealed().suite))
            self._add(sending.withdraw(receipts[-1], key, Line(self._kept.to)))

        return self._start("withdraw", work)

    def unlock(self, to: Sequence[str]) -> bool:
        """Release what was sealed last at its opening, where it was handed in; it is final.

        With `to` the release is only made, for these public keys, and written to the folder.
        """

        def work() -> None:
            sealed = self._sealed()
            if not to:
                key = str(self._key(sealed.suite))
                line = Line(self._kept.to)
                releasing.release(Path(sealed.path), key, line, self._kept.session, senses.Dice())
                self._keep(released=self._kept.to)
                return
            out = self._folder / f"{sealed.bid}.release.json"
            unlock_room.unlock(
                Path(sealed.path), str(self._key(sealed.suite)), [Path(one) for one in to], out
            )
            self._keep(released=str(out))

        return self._start("unlock", work)

    def wait(self) -> None:
        """Until nothing is being done."""
        work = self._work
        if work is not None:
            work.join()

    def _start(self, what: str, work: Callable[[], None]) -> bool:
        with self._lock:
            if self._doing is not None:
                return False
            self._doing, self._trouble = Doing(what), None

        def run() -> None:
            try:
                work()
            except Trouble as trouble:
                self._trouble = Said(trouble.zh, trouble.en)
            except SealRefused as refused:
                told = reading.trouble_of(refused.refusal)
                self._trouble = Said(told.zh, told.en)
            except Exception:
                self._trouble = Said(_PROBLEM_ZH, _PROBLEM_EN)
                raise
            finally:
                self._doing = None

        self._work = threading.Thread(target=run, name=f"bidder-{what}", daemon=True)
        self._work.start()
        return True

    def _tell(self, what: str) -> Callable[[int, int], None]:
        def tell(done: int, total: int) -> None:
            self._doing = Doing(what, done, total)

        return tell

    def _keep(self, **changed: Any) -> None:
        self._kept = replace(self._kept, **changed)
        files.write_json(self._folder / STATE, msgspec.to_builtins(self._kept))

    def _add(self, receipt: SignedReceipt) -> None:
        """One more receipt, unless it is the newest already."""
        held = self._receipts()
        if held and held[-1] == receipt:
            return
        path = self._folder / f"{receipt.receipt.at}-{receipt.receipt.what}.receipt"
        sending.write_receipt(path, receipt)
        self._keep(receipts=(*self._kept.receipts, str(path)))

    def _receipts(self) -> list[SignedReceipt]:
        return [sending.read_receipt(Path(one)) for one in self._kept.receipts]

    def _sealed(self) -> Sealed:
        if self._kept.sealed is None:
            raise Trouble("还没有密封标书。请先密封。", "Nothing is sealed yet. Seal the bid first.")
        return self._kept.sealed

    def _key(self, suite: str) -> Path:
        return self._folder / f"bidder-{suite}.pem"

    def _made_key(self, name: str) -> Path:
        """The key of a suite, made the first time."""
        path = self._key(name)
        if path.exists():
            return path
        with reading.told():
            suite = suites.get(name)
        for _ in range(_KEY_TRIES):
            try:
                der = suite.private_der(senses.Dice().bytes32())
            except SealRefused:
                continue
            files.write(path, certificate.pem(der, "PRIVATE KEY"))
            return path
        raise AssertionError("dice that never give a key")
