"""A signed report held against the archive of its session: the same report, signed as the record says.

Owns finding in the archive what the signed file must stand on: the report itself, byte for byte, and who is
deemed to agree or dissented. Whether the archive holds is `tongchang verify`'s own judgement, made apart.
"""

from pathlib import Path

from main_venue.signing.check import Expected
from ops import replay
from ops.signing import room
from ops.trouble import Trouble
from protocol import archive, canonical
from protocol.archive import Archive
from protocol.refusals import text


def check(archived: Path, report: Path, trust: Path, seals: tuple[Path, ...], *, as_json: bool) -> int:
    """Check a signed report of an archive's session, say what was found, and give the exit code.

    Raises:
      Trouble: a file cannot be read, or the archive holds no report (2).
    """
    found = archive.read(replay.read(archived))
    if not isinstance(found, Archive):
        told = text(found)
        raise Trouble(told.zh, told.en, 2)
    bare = found.members.get("report.pdf")
    if bare is None:
        raise Trouble(
            "归档文件未随附评标报告,无法核对签署报告。请索取完整归档文件。",
            "The archive holds no report to hold a signed one against. Ask for the whole archive.",
            2,
        )
    expected = replay.told(
        found.members[archive.RECORD], str(archived), lambda _, state: room.said_by(state, Expected())
    )
    return room.check(report, trust, expected, (), seals, as_json=as_json, bare=canonical.sha256(bare))
