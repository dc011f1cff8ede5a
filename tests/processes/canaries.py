"""Canaries: values that stand nowhere else, and a search that finds them however they are spelled.

Owns the sample with a telling score for every member, telling prices and names, and what to look for: in
text, escaped within text, as bytes, hexadecimal, base64 at any alignment. Must not know who may see what.
"""

import base64
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from protocol import canonical
from protocol.hidden import Opening
from protocol.plan.case import Case
from tests.ops import stage

POINTS_CENTI = {"M1": 707, "M2": 713, "M3": 719, "M4": 731, "M5": 737}
"""What each member gives the first bidder for the first item: no other score ends like this."""
PRICES = {"b1": "4531.77", "b2": "4613.31", "b3": "4477.19", "b4": "4699.37", "b5": "4391.13"}
NAMES = {bidder: f"CanaryWorks{number}" for number, bidder in enumerate(PRICES, 1)}
"""In ASCII, which JSON never escapes."""
BIDDER, ITEM, NEXT_ITEM = "b1", "A1", "A2"


class Canary(Struct, frozen=True):
    """Something to be looked for: whose and what it is, and the pattern that finds it."""

    seat: str
    what: str
    pattern: re.Pattern[bytes]


def case() -> Case:
    """The sample with canaries in it; points may be given in hundredths."""
    found = stage.sample()
    for name in ("turns", "expected"):
        found.pop(name, None)
    _fine_steps(found["plan"]["schemes"])
    for seat, points in POINTS_CENTI.items():
        found["sheets"]["01"][seat][BIDDER][ITEM] = points
    for bid in found["bids"]:
        bid["price"] = PRICES[bid["bidder"]]
    for bidder in found["bidders"]:
        bidder["name"] = NAMES[bidder["id"]]
    return msgspec.convert(found, Case)


def of_opening(opening: Opening) -> tuple[Canary, ...]:
    """What gives away one member's sealed scores: a row of them, the nonce, the whole canonical opening."""
    seat = opening.expert
    points = str(opening.scores[BIDDER][ITEM]).encode()
    row = b'"%s":%s,"%s":' % (ITEM.encode(), points, NEXT_ITEM.encode())
    # However deep in quotes: "A1":737, \"A1\":737, 'A1': 737 and A1=737.
    loose = rb"""%s\\*["']?\s*[:=,]\s*%s(?![0-9])""" % (ITEM.encode(), points)
    nonce = base64.b64encode(opening.nonce)
    whole = canonical.encode(opening)
    return (
        Canary(seat, "score", re.compile(loose)),
        Canary(seat, "row", _any_of(*_spellings(row))),
        Canary(seat, "nonce", _any_of(*_spellings(opening.nonce), *_spellings(nonce))),
        Canary(
            seat, "opening", _any_of(whole, msgspec.json.encode(whole.decode())[1:-1], *_spellings(whole))
        ),
    )


def hits(raw: bytes, canaries: Iterable[Canary]) -> set[tuple[str, str]]:
    """Which canaries stand in some bytes: (seat, what)."""
    return {(one.seat, one.what) for one in canaries if one.pattern.search(raw)}


def search(folder: Path, canaries: Iterable[Canary]) -> dict[str, set[tuple[str, str]]]:
    """Every file under a folder that holds a canary: its path from there → (seat, what)."""
    wanted = tuple(canaries)
    found = {
        file.relative_to(folder).as_posix(): hits(file.read_bytes(), wanted)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    return {path: what for path, what in found.items() if what}


def _spellings(text: bytes) -> tuple[bytes, ...]:
    """Some bytes as they are, hexadecimal, and as any base64 that they stand in the middle of."""
    found = [text, text.hex().encode(), text.hex().upper().encode()]
    for shift in range(3):
        whole = base64.b64encode(bytes(shift) + text)
        # Only those letters that the text alone determines.
        found.append(whole[-(-8 * shift // 6) : (shift + len(text)) * 8 // 6])
    return tuple(found)


def _any_of(*texts: bytes) -> re.Pattern[bytes]:
    return re.compile(b"|".join(re.escape(text) for text in texts))


def _fine_steps(node: object) -> None:
    if isinstance(node, dict):
        if "step_centi" in node:
            node["step_centi"] = 1
        for child in node.values():
            _fine_steps(child)
    elif isinstance(node, list):
        for child in node:
            _fine_steps(child)
