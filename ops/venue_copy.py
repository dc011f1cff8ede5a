"""The record out of a venue's own copy, read from its disk: what a province has without asking anybody.

Owns the way to the file; its form is `sub_venue`'s, the record's is `protocol`'s. The copy is folded once
more here, so that what is written can be held against what the venue's people saw.
"""

from ops.installation import Installation
from ops.trouble import Trouble
from protocol import entry, record
from protocol.hidden import Disclosed
from protocol.session.apply import apply
from protocol.session.outcome import OutcomeWithheld, outcome_digest
from protocol.session.state import State
from sub_venue.journal.frames import DamagedFile
from sub_venue.journal.replica import read_copy


def record_of(installation: Installation, venue: str, session: str) -> tuple[bytes, bytes]:
    """A session's record as a venue holds it, and the outcome that the venue's copy adds up to.

    Args:
      installation: where the venue's data lie.
      venue: the node's id; the main venue holds what its agent disclosed.
      session: the session's id.

    Raises:
      Trouble: the copy is missing, damaged or without what the outcome needs.
    """
    path = installation.config(venue).parent / "sessions" / f"{session}.copy"
    try:
        entries, disclosures = read_copy(path)
    except (OSError, DamagedFile) as error:
        raise Trouble(
            f"无法读取会场副本 {path}({error})。请检查该会场的数据文件夹。",
            f"The venue's copy {path} cannot be read ({error}). Look at that venue's data folder.",
        ) from error
    state: State | None = None
    for raw in entries:
        state = apply(state, entry.decode(raw), raw)
    disclosed = Disclosed(disclosures)
    try:
        if state is None:
            raise OutcomeWithheld("entries")
        outcome = outcome_digest(state, disclosed)
    except OutcomeWithheld as error:
        raise Trouble(
            f"会场副本 {path} 缺少“{error}”,无法写出完整记录。",
            f"The venue's copy {path} lacks “{error}”, so no whole record can be written.",
        ) from error
    return record.write(session, entries, disclosures), outcome
