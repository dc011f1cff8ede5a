"""Acts that must be refused, each with its code: what a stranger, a neighbour, a thief of messages may send.

Owns the table. `EVERYWHERE` holds at a venue's desk and at the coordinator's door alike; the other two tables
say what only one of them can see. Every act is as good as it can be made but for what it is refused for.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from ops import certificates
from ops.installation import COORDINATOR
from protocol import canonical, hidden, wire
from protocol import commands as cmd
from protocol.hidden import Disclosure, Opening
from protocol.seal import signing
from protocol.words import Stage
from tests.processes import forging
from tests.processes.forging import Stranger
from tests.processes.siege import HOLDS, STAGE, VENUE, Siege

Make = Callable[[Siege], wire.Submit]
SIGN = cmd.SignReport(bytes(32))
CHECK_IN = cmd.CheckIn(bytes(32), "none")
FALSE = Disclosure("report", bytes(32), bytes(32), "{}")
"""A disclosure whose value does not give its digest."""


def opening(at: Siege, seat: str) -> Opening:
    """What a member has sealed or is about to."""
    return at.person(seat).openings[0]


def node(at: Siege) -> Stranger:
    """The node itself as an author."""
    key = certificates.read_signing_key(at.running.installation.config(VENUE).parent / "node.key")
    return Stranger(at.play.session, key, at.person("M3").head)


def stranger(at: Siege) -> Stranger:
    """Somebody whom no session knows."""
    return Stranger(at.play.session, Ed25519PrivateKey.generate(), at.person("M3").head)


def from_before(at: Siege) -> Stranger:
    """M3 of the other session, with the key of that time."""
    return Stranger(at.play.session, at.calm.people["M3"].key, at.person("M3").head)


def _forged(at: Siege) -> wire.Submit:
    """Signed by another than it says."""
    return forging.signed(Ed25519PrivateKey.generate(), forging.text(at.person("M3"), SIGN))


def _changed_on_its_way(at: Siege) -> wire.Submit:
    """An act that was accepted, with another content under the same signature."""
    sent = at.sent("M3", "CheckIn")
    other = replace(sent.command, command_id="changed", content=CHECK_IN)
    return replace(sent.submit, command=canonical.encode(other).decode())


def _moved_to_this_session(at: Siege) -> wire.Submit:
    """An act of another session, its session's name changed."""
    sent = at.sent_before("M3", "CheckIn")
    return replace(sent.submit, command=canonical.encode(replace(sent.command, session="siege")).decode())


def _bound_by_an_old_attestation(at: Siege) -> wire.Submit:
    """The other session's attestation for the same seat and key."""
    return forging.act(from_before(at), at.sent_before("M3", "BindSeat").command.content)


def _same_id(at: Siege) -> wire.Submit:
    """An accepted act's id on another act."""
    return forging.act(at.person("M3"), CHECK_IN, command_id=at.sent("M3", "CheckIn").command.command_id)


def _not_canonical(at: Siege) -> wire.Submit:
    return forging.signed(at.person("M3").key, forging.text(at.person("M3"), SIGN) + b" ")


def _too_large(at: Siege) -> wire.Submit:
    """Short enough in characters, too long in bytes."""
    return forging.signed(at.person("M3").key, forging.text(at.person("M3"), SIGN, more="标" * 20_000))


def _renamed(type_: str) -> Make:
    return lambda at: forging.act(at.person("M3"), cmd.CloseScoring(), STAGE, type=type_)


def _by(seat: str, content: cmd.Content, stage: Stage | None = None, **changed: Any) -> Make:
    def make(at: Siege) -> wire.Submit:
        where = (stage,) if stage is not None else ()
        return forging.act(at.person(seat), content, *where, **changed)

    return make


EVERYWHERE: dict[str, tuple[str, Make]] = {
    "signed by another": ("BadSignature", _forged),
    "changed on its way": ("BadSignature", _changed_on_its_way),
    "moved here from another session": ("BadSignature", _moved_to_this_session),
    "by a stranger": ("UnknownAuthor", lambda at: forging.act(stranger(at), SIGN)),
    "by a key of another session": ("UnknownAuthor", lambda at: forging.act(from_before(at), SIGN)),
    "bound by an old attestation": ("BadAttestation", _bound_by_an_old_attestation),
    "an id used before": ("CommandReused", _same_id),
    "out of phase": ("WrongPhase", _by("M3", SIGN)),
    "out of phase, behind us": ("WrongPhase", _by("M3", CHECK_IN)),
    "not the witness's to do": ("NotAllowed", _by(f"witness-{VENUE}", cmd.CloseScoring(), STAGE)),
    "not the member's to do": ("NotAllowed", _by("M3", cmd.LockRoster())),
    "an old number": ("OutOfOrder", _by("M3", SIGN, author_seq=1)),
    "a clock of 1970": ("ClockTooFar", _by("M3", SIGN, author_at=0)),
    "a head of another record": (
        "SeenUnknown", _by("M3", SIGN, seen=msgspec.to_builtins(cmd.Head(5, bytes(32)))),
    ),
    "a head of the future": (
        "SeenUnknown", _by("M3", SIGN, seen=msgspec.to_builtins(cmd.Head(100_000, bytes(32)))),
    ),
    "no such session": ("UnknownSession", _by("M3", SIGN, session="nowhere")),
    "no such lot": ("UnknownStage", _by("M3", cmd.SealSheet(bytes(32)), Stage("09", "1", 1))),
    "another round": ("WrongRound", _by("M3", cmd.SealSheet(bytes(32)), replace(STAGE, round=2))),
    "not yet available": ("NotYetAvailable", _renamed("AskMoreTime")),
    "no such act": ("UnknownCommand", _renamed("DanceOnTables")),
    "a content of another type": ("Malformed", _renamed("SealSheet")),
    "a field too many": ("Malformed", _by("M3", SIGN, more=1)),
    "not canonical": ("Malformed", _not_canonical),
    "too large": ("TooLarge", _too_large),
    "a false disclosure": (
        "DisclosureMismatch",
        lambda at: replace(
            forging.act(at.person(HOLDS), cmd.SealSheet(bytes(32)), STAGE), disclosures=(FALSE,)
        ),
    ),
}  # fmt: skip
"""What is wrong → the code of the refusal, and the act."""


def _seals(at: Siege, seat: str, commitment: bytes, given: Opening | None) -> wire.Submit:
    return replace(forging.act(at.person(seat), cmd.SealSheet(commitment), STAGE), opening=given)


def _seals_twice(at: Siege) -> wire.Submit:
    mine = opening(at, "M3")
    return _seals(at, "M3", hidden.commitment(mine), mine)


def _seals_another_opening(at: Siege) -> wire.Submit:
    mine = opening(at, HOLDS)
    return _seals(at, HOLDS, hidden.commitment(mine), replace(mine, nonce=bytes(32)))


def _seals_the_neighbours_opening(at: Siege) -> wire.Submit:
    """M3's own opening and commitment, sealed as M4's."""
    theirs = opening(at, "M3")
    return _seals(at, HOLDS, hidden.commitment(theirs), theirs)


def _seals_too_many_points(at: Siege) -> wire.Submit:
    mine = opening(at, HOLDS)
    first = mine.bids[0]
    more = replace(mine, scores={**mine.scores, first: {**mine.scores[first], "A1": 99_999}})
    return _seals(at, HOLDS, hidden.commitment(more), more)


AT_DESK: dict[str, tuple[str, Make]] = {
    "a seat of another venue": ("WrongVenue", _by("M2", SIGN)),
    "a node's act from a page": (
        "NotAllowed", lambda at: forging.act(node(at), cmd.TryOpening("M3", bytes(32), "ok", ""), STAGE),
    ),
    "a booking at a sub-venue": ("WrongVenue", lambda at: at.sent("agent", "BookSession").submit),
    "sealed twice": ("AlreadySealed", _seals_twice),
    "sealed without its opening": (
        "DisclosureMissing", lambda at: _seals(at, HOLDS, hidden.commitment(opening(at, HOLDS)), None),
    ),
    "sealed with another opening": ("OpeningMismatch", _seals_another_opening),
    "sealed with the neighbour's opening": ("OpeningMismatch", _seals_the_neighbours_opening),
    "sealed with too many points": ("SheetInvalid", _seals_too_many_points),
    "an opening with another act": (
        "Malformed", lambda at: replace(forging.act(at.person("M3"), SIGN), opening=opening(at, "M3")),
    ),
}  # fmt: skip
"""What a venue's node sees before anything is kept."""


def _opens_too_early(at: Siege) -> wire.Submit:
    """The node's own act, well signed, the true opening with it: only the phase is wrong."""
    mine = opening(at, "M3")
    content = cmd.OpenSheet("M3", hidden.commitment(mine))
    return replace(forging.act(node(at), content, STAGE), disclosures=(hidden.disclose_opening(mine),))


def _seals_in_the_open(at: Siege) -> wire.Submit:
    """A true commitment, and the scores behind it beside it."""
    mine = opening(at, HOLDS)
    act = forging.act(at.person(HOLDS), cmd.SealSheet(hidden.commitment(mine)), STAGE)
    return replace(act, disclosures=(hidden.disclose_opening(mine),))


def _in_the_installations_name(at: Siege) -> wire.Submit:
    """The installation's public key as the author, another key's signature."""
    folder = at.running.installation.config(COORDINATOR).parent
    own = signing.public_text(certificates.read_signing_key(folder / "installation.key"))
    return forging.act(
        stranger(at), cmd.NoteRefusal("M3", "SealSheet", "BadSignature", bytes(32)), author_key=own
    )


AT_DOOR: dict[str, tuple[str, Make]] = {
    "an opening that should have stayed at its venue": (
        "Malformed",
        lambda at: _seals(at, HOLDS, hidden.commitment(opening(at, HOLDS)), opening(at, HOLDS)),
    ),
    "scores disclosed with the sealing": ("DisclosureMismatch", _seals_in_the_open),
    "a sheet opened before its phase": ("WrongPhase", _opens_too_early),
    "tried before its phase": (
        "WrongPhase",
        lambda at: forging.act(
            node(at), cmd.TryOpening("M2", hidden.commitment(opening(at, "M2")), "ok", ""), STAGE
        ),
    ),
    "sealed twice": (
        "AlreadySealed",
        lambda at: _seals(at, "M3", hidden.commitment(opening(at, "M3")), None),
    ),
    "a node's key for a member's act": ("NotAllowed", lambda at: forging.act(node(at), SIGN)),
    "in the installation's name": ("BadSignature", _in_the_installations_name),
}  # fmt: skip
"""What comes up a node's line and is for the coordinator to see."""
