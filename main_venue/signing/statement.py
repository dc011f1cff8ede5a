"""What a signature is given for (签署事由): one line that a reader shows and a program reads back.

Owns that line and its reading. It stands in the signature itself, so that the signer's own signature covers
it: a dissent's digest (保留意见) in the dissenter's, and in a witness's who was deemed to agree (视为同意) or
dissented without signing. Sources: 实施条例 53, 12号令 43; SPEC 29.3.
"""

import re
from typing import Final

from msgspec import Struct

from main_venue.signing.manifest import ROLES, Role

_PART: Final = re.compile(r"(dissent|deemed|dissented):([0-9a-f]{64}|[A-Za-z0-9][A-Za-z0-9._-]{0,63})(?=;|$)")


class Statement(Struct, frozen=True):
    """In which role somebody signs, and what they record.

    `dissent`: SHA-256 of the signer's own dissent, empty if there is none; `deemed` and `dissented`: seats
    that do not sign, because they are deemed to agree or have given their dissent in its place.
    """

    role: Role
    dissent: bytes = b""
    deemed: tuple[str, ...] = ()
    dissented: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The line.

        >>> Statement("witness", deemed=("e3",)).text
        '见证人员签署 signed as witness;deemed:e3'
        """
        role = ROLES[self.role]
        parts = [f"{role.zh}签署 signed as {role.en}"]
        if self.dissent:
            parts.append(f"dissent:{self.dissent.hex()}")
        parts += [f"deemed:{seat}" for seat in self.deemed]
        parts += [f"dissented:{seat}" for seat in self.dissented]
        return ";".join(parts)


def read(line: str, role: Role) -> Statement:
    """What a line says; of a line that is not ours, nothing but the role of its place.

    >>> read(Statement("member", dissent=bytes(32)).text, "member").dissent == bytes(32)
    True
    """
    found: dict[str, list[str]] = {"dissent": [], "deemed": [], "dissented": []}
    for part in _PART.finditer(line):
        found[part[1]].append(part[2])
    own = found["dissent"][0] if found["dissent"] and len(found["dissent"][0]) == 64 else ""
    return Statement(role, bytes.fromhex(own), tuple(found["deemed"]), tuple(found["dissented"]))
