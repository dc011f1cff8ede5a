"""What may be unpacked from a bid and under which name; all else is put aside with evidence (SPEC 22.2).

A bid is never dropped because a file in it is strange: the file lies under a number in quarantine,
what was found is written beside it, and the committee is told. Judges what a list says before
anything is written, and has the meter that stops what comes out larger than it said. Reads and
writes nothing. Sources: Unicode TR 36 and 39 (bidi controls, mixed scripts), CVE-2018-1000117
(Zip Slip), Fifield 2019 (overlapping ZIP bombs).
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from protocol import limits

Rule = Literal[
    "traversal", "deep", "long", "bidi", "invisible", "form", "reserved", "confusable", "twin",
    "link", "device", "locked", "ratio", "broken", "many", "large",
]  # fmt: skip
Kind = Literal["file", "folder", "link", "device"]

BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the order of what is read."""

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Co", "Cn", "Zl", "Zp"})
_WINDOWS: Final = frozenset('<>:"|?*')
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{name}{number}" for name in ("com", "lpt") for number in "0123456789¹²³"}
)
_BETWEEN_WORDS: Final = re.compile(r"[\W\d_]+")
_LOOKS_LATIN: Final = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")
_LOOK_ALIKES: Final = str.maketrans(
    "аеорсухіјѕһԁԛԝкмтвнαορνικτυχηβε",
    "aeopcyxijshdqwkmtbhaopviktuxnbe",
)
"""Small letters of Cyrillic and Greek that look like a Latin one; case is folded before."""


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a container's or an archive's list, as it was found.

    `packed` is what it takes in the archive, or -1 where nothing is packed; sizes in bytes.
    """

    name: str
    size: int
    packed: int = -1
    kind: Kind = "file"
    locked: bool = False


class Judged(Struct, frozen=True, forbid_unknown_fields=True):
    """What became of one entry: its name where it may keep it, else the rules that it breaks."""

    entry: Entry
    found: tuple[Rule, ...]

    @property
    def clean(self) -> bool:
        """Whether it may be written under its own name."""
        return not self.found


class TooMuch(ValueError):
    """More came out than was declared; what came so far is put aside."""


class Meter:
    """Counts what comes out of one entry, and stops it where it passes what it declared."""

    def __init__(self, entry: Entry) -> None:
        """Begin an entry."""
        self._left = min(entry.size, limits.BID_FILE_BYTES_MAX)

    def count(self, length: int) -> None:
        """So many bytes more came out.

        Raises:
          TooMuch: they are more than were declared.
        """
        self._left -= length
        if self._left < 0:
            raise TooMuch


def judge(entries: Sequence[Entry], packed_bytes: int | None = None) -> tuple[Judged, ...]:
    """Every entry with the rules that it breaks, in order.

    Where the whole breaks one (too many, too large, too well packed), every entry does.

    Args:
      entries: a whole list.
      packed_bytes: how large the archive itself is, whatever its entries say: they may overlap.
    """
    whole = _of_all(entries, packed_bytes)
    taken: dict[str, bool] = {}
    found = []
    for entry in entries if len(entries) <= limits.BID_FILES_MAX else ():
        rules = [*of_name(entry.name.removesuffix("/") if entry.kind == "folder" else entry.name)]
        if _twin(entry, taken):
            rules.append("twin")
        found.append(Judged(entry, tuple(dict.fromkeys((*rules, *_of_content(entry), *whole)))))
    if len(entries) > limits.BID_FILES_MAX:
        return tuple(Judged(entry, whole) for entry in entries)
    return tuple(found)


def of_name(name: str) -> tuple[Rule, ...]:
    """The rules that a name breaks by itself.

    >>> of_name("技术标/施工组织设计.pdf"), of_name("../报价.xlsx"), of_name("报价\u202efdp.exe")
    ((), ('traversal',), ('bidi',))
    """
    parts = name.split("/")
    broken: dict[Rule, bool] = {
        "traversal": any(part in {"", ".", ".."} for part in parts)
        or "\\" in name
        or "\0" in name
        or (name[1:2] == ":" and name[:1].isalpha()),
        "deep": len(parts) > limits.PATH_PARTS_MAX,
        "long": _bytes(name) > limits.PATH_BYTES_MAX
        or any(_bytes(part) > limits.PATH_PART_BYTES_MAX for part in parts),
        "bidi": not BIDI.isdisjoint(name),
        "invisible": any(
            unicodedata.category(one) in _INVISIBLE for one in name if one not in BIDI and one != "\0"
        ),
        "form": any("\ud800" <= one <= "\udfff" for one in name)
        or unicodedata.normalize("NFC", name) != name,
        "reserved": any(_reserved(part) for part in parts),
        "confusable": any(_mixed(part) for part in parts),
    }
    return tuple(rule for rule, holds in broken.items() if holds)


def likeness(name: str) -> str:
    """What two names share that a reader may take for one: compatibility form, case, look-alikes."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return folded.translate(_LOOK_ALIKES)


def _of_all(entries: Sequence[Entry], packed_bytes: int | None) -> tuple[Rule, ...]:
    total = sum(entry.size for entry in entries)
    broken: dict[Rule, bool] = {
        "ratio": packed_bytes is not None
        and total > limits.UNPACKED_FREE_BYTES
        and total > packed_bytes * limits.UNPACKED_TOTAL_RATIO_MAX,
        "many": len(entries) > limits.BID_FILES_MAX,
        "large": total > limits.SEALED_BYTES_MAX,
    }
    return tuple(rule for rule, holds in broken.items() if holds)


def _of_content(entry: Entry) -> tuple[Rule, ...]:
    broken: dict[Rule, bool] = {
        "link": entry.kind == "link",
        "device": entry.kind == "device",
        "locked": entry.locked,
        "ratio": entry.packed >= 0
        and entry.size > limits.UNPACKED_FREE_BYTES
        and entry.size > entry.packed * limits.UNPACKED_RATIO_MAX,
        "large": entry.size > limits.BID_FILE_BYTES_MAX or entry.size < 0,
    }
    return tuple(rule for rule, holds in broken.items() if holds)


def _twin(entry: Entry, taken: dict[str, bool]) -> bool:
    """Whether the name is one that was there before, or goes through a file; notes it and its folders.

    `taken` tells for every likeness whether it is a folder.
    """
    parts = likeness(entry.name).strip("/").split("/")
    paths = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    folder = entry.kind == "folder"
    clash = any(taken.get(path) is False for path in paths[:-1]) or (
        paths[-1] in taken and not (folder and taken[paths[-1]])
    )
    if not clash:
        taken.update(dict.fromkeys(paths[:-1], True))
        taken[paths[-1]] = folder
    return clash


def _reserved(part: str) -> bool:
    return (
        not _WINDOWS.isdisjoint(part)
        or part.split(".", maxsplit=1)[0].rstrip(" ").casefold() in _RESERVED
        or (part not in {".", ".."} and part[-1:] in {".", " "})
    )


def _mixed(part: str) -> bool:
    """Whether one word has Latin letters and letters of a script that has some that look the same."""
    for word in _BETWEEN_WORDS.split(part):
        scripts = {unicodedata.name(one, "").split(" ")[0] for one in word}
        if "LATIN" in scripts and not scripts.isdisjoint(_LOOKS_LATIN):
            return True
    return False


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
