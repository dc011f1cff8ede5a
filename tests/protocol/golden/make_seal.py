"""Makes the golden seals of both suites: `python -m tests.protocol.golden.make_seal`.

Run once for each new version of SPEC 18, never to make a failing test pass: what was sealed must
open for ever. Signatures and boxes hold their makers' randomness, so that they are read, not made
again.
"""

import json
from pathlib import Path

from protocol.seal import framing, gm, intl, suites

HERE = Path(__file__).resolve().parent
FORMS = {"intl-1": intl.FORM, "gm-1": gm.FORM}
SIZES = (0, 7, framing.CHUNK_BYTES - 1, framing.CHUNK_BYTES, 2 * framing.CHUNK_BYTES + 1)


def message(size: int) -> bytes:
    """Byte i is i modulo 251."""
    return bytes(at % 251 for at in range(size))


def sealed(name: str, size: int) -> bytes:
    """The sealed bytes of that message under the golden key, context and salt."""
    form = FORMS[name]
    return framing.through(
        form.sealing(bytes(range(form.key_bytes)), b"golden", bytes(range(24))), message(size)
    )


def vectors() -> dict[str, object]:
    """What the golden file holds."""
    found: dict[str, object] = {}
    for name in suites.NAMES:
        suite = suites.get(name)
        scalar = bytes(range(1, 33))
        key = suite.private_key(suite.private_der(scalar))
        found[name] = {
            "scalar": scalar.hex(),
            "public": key.public.hex(),
            "sealed": {
                str(size): suite.hash(sealed(name, size)).hex() if size > 100 else sealed(name, size).hex()
                for size in SIZES
            },
            "signature": {"message": b"golden".hex(), "sig": suite.sign(key, b"golden").hex()},
            "box": {
                "info": b"golden".hex(),
                "secret": b"a share".hex(),
                "box": suite.wrap(key.public, b"golden", b"a share").hex(),
            },
        }
    return found


if __name__ == "__main__":
    (HERE / "seal-1.json").write_text(json.dumps(vectors(), indent=1) + "\n")
