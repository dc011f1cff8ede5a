"""A signed report held against the archive of its session: the same report, signed as the record says.

Owns finding in the archive what the signed file must stand on: the report itself, byte for byte, and who is
deemed to agree or dissented; or the signed file as well, with the list and the evidence by which it counts.
Whether the archive holds is `tongchang verify`'s own judgement, made apart.
"""

from pathlib import Path

from msgspec.structs import replace

from main_venue.signing import check as checking
from main_venue.signing.check import Expected
from ops import replay
from ops.signing import room
from ops.trouble import Trouble
from protocol import archive, canonical, limits
from protocol.archive import Archive
from protocol.archive_keys import Keys
from protocol.refusals import Refusal, text
from protocol.seal.trust import judge, trust_list


def check(archived: Path, report: Path, trust: Path, seals: tuple[Path, ...], *, as_json: bool) -> int:
    """Check a signed report of an archive's session, say what was found, and give the exit code.

    Raises:
      Trouble: a file cannot be read, or the archive holds no report (2).
    """
    found = _read(archived)
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


def check_own(archived: Path, *, as_json: bool) -> int:
    """Check the signed report that an archive holds by the list and the evidence that it holds.

    Whoever asks has found the archive valid under a policy, which says who signs that list.

    Raises:
      Trouble: the archive cannot be read, or holds no signed report or no trust list (2).
    """
    found = _read(archived)
    pdf, bare = found.members.get(archive.SIGNED_REPORT), found.members.get("report.pdf")
    listed = found.members.get(archive.TRUST_LIST)
    if pdf is None or bare is None or listed is None:
        raise Trouble(
            "归档文件未随附签署报告或信任列表。请索取完整归档文件,或以 --report、--seal、--trust 另行给出。",
            "The archive holds no signed report, or no trust list. Ask for the whole archive, or name them "
            "with --report, --seal and --trust.",
            2,
        )
    expected = replay.told(
        found.members[archive.RECORD], str(archived), lambda _, state: room.said_by(state, Expected())
    )
    keys = canonical.decode(found.members[archive.KEYS], Keys, limits.ARCHIVE_BYTES_MAX)
    trusted = trust_list.read(listed.rstrip(b"\r\n"))
    if isinstance(trusted, Refusal):
        told = text(trusted)
        raise Trouble(told.zh, told.en, 2)
    seals = tuple(raw for name, raw in sorted(found.members.items()) if name.endswith(".p7s"))
    evidence = judge.read_evidence(keys.evidence, ())
    wanted = replace(expected, bare=canonical.sha256(bare))
    return room.said(checking.check(pdf, trusted, wanted, evidence, seals), as_json=as_json)


def _read(archived: Path) -> Archive:
    found = archive.read(replay.read(archived))
    if not isinstance(found, Archive):
        told = text(found)
        raise Trouble(told.zh, told.en, 2)
    return found
