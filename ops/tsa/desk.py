"""A time-stamping authority's own files: its key and certificate, in the folder of the demonstration CAs.

Owns making them once, certified by one of the authorities, and reading them. The key lies unencrypted in a
file readable by its owner alone: for demonstrations and tests.
"""

from pathlib import Path
from typing import Final

from ops import files
from ops.ca import alliance, keys
from ops.ca.authority import DAY_MS
from ops.trouble import Trouble
from ops.tsa.answering import Own
from protocol.refusals import Refusal
from protocol.seal.trust import certificate

FOLDER: Final = "tsa"
NAME: Final = "同场演示时间戳服务"
LEFT_MS: Final = 30 * DAY_MS
"""A certificate that ends sooner is followed by another."""
BY: Final = "jiangsu"
"""Which authority certifies it: its keys are ECDSA, which sign fastest and which every PDF reader knows."""


def ensure(folder: Path, now_ms: int) -> Own:
    """The authority of a folder of demonstration CAs, made if there is none yet.

    Raises:
      Trouble: there are no CAs in it, or its files cannot be read or written.
    """
    place = folder / FOLDER
    by = alliance.named(folder, BY)
    if _ends_ms(place / "tsa.pem") < now_ms + LEFT_MS:
        made, key = by.certify_stamper(NAME, now_ms)
        files.make_folder(place)
        files.write(place / "tsa.key", key.pem())
        files.write(place / "tsa.pem", certificate.pem(made) + certificate.pem(by.issuing.raw), mode=0o644)
    try:
        found = certificate.read_file((place / "tsa.pem").read_bytes())
        key_raw = (place / "tsa.key").read_bytes()
    except OSError as error:
        raise _unreadable(place) from error
    if isinstance(found, Refusal):
        raise _unreadable(place)
    return Own(keys.read(by.book.kind, key_raw, str(place / "tsa.key")), found[0], found[1:])


def _ends_ms(path: Path) -> int:
    """When the certificate in a file ends, ms; 0 where there is none."""
    if not path.exists():
        return 0
    found = certificate.read_file(path.read_bytes())
    if isinstance(found, Refusal):
        raise _unreadable(path.parent)
    return found[0].ends


def _unreadable(place: Path) -> Trouble:
    return Trouble(
        f"{place} 中的时间戳服务文件无法读取。请移开该文件夹,将重新建立。",
        f"The time-stamping authority's files in {place} cannot be read. Move the folder away: it is made "
        "anew.",
    )
