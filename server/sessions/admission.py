"""What this installation lets into its sessions, beside the protocol's own rules.

Three tables: which hidden fields may travel with which command, so that no score reaches this
machine before the opening; which genesis is ours; and which refused acts supervisors must see.
A record that another installation made is judged by the protocol alone.
"""

from collections.abc import Callable, Iterable

from protocol import commands as cmd
from protocol import hidden
from protocol.commands import Command, NoteRefusal
from protocol.commands_draw import FreezePool
from protocol.hidden import Disclosure, Field
from protocol.projection.visibility import digests
from protocol.refusals import Refusal, refuse
from protocol.session.state import State, speaker

INSTALLATION = "installation"
"""The session id under which an agent enrols before any session; no session may have it."""

CARRIES: dict[str, frozenset[Field]] = {
    "BookSession": frozenset({"plan"}),
    "ImportCommittee": frozenset({"person", "committee_source"}),
    "ImportOpening": frozenset({"bidder_name", "price", "quantities", "opening_source"}),
    "ImportPreliminary": frozenset({"preliminary_source"}),
    "OpenSheet": frozenset({"sheet"}),
    "PublishTally": frozenset({"tally"}),
    "ImportReport": frozenset({"report"}),
    "NoteObservation": frozenset({"remark"}),
    "FreezePool": frozenset({"pool", "parties"}),
    "RevealDrawSeed": frozenset({"draw_share"}),
    "DrawCommittee": frozenset({"person"}),
    "SignPaper": frozenset({"certificate"}),
    "DelegateSeatKey": frozenset({"delegation"}),
    "ConfirmSeatKey": frozenset({"delegation"}),
    "PublishDraw": frozenset({"person", "facts"}),
    "CallReplacement": frozenset({"person", "facts"}),
    "DeclareRecusal": frozenset({"remark"}),
    "ReplaceMember": frozenset({"person", "facts"}),
    "MarkItem": frozenset({"reason"}),
    "CheckBlindPart": frozenset({"blind_findings"}),
    "AskClarification": frozenset({"question"}),
    "AnswerClarification": frozenset({"reply"}),
    "ProposeCorrection": frozenset({"price_correction"}),
    "ProposeRejection": frozenset({"reason"}),
    "VoteCompetition": frozenset({"reason"}),
    "CastVote": frozenset({"reason"}),
    "CorrectItem": frozenset({"corrected_scores"}),
    "ExplainDeviation": frozenset({"explanation"}),
    "Suspend": frozenset({"statement"}),
    "VoidCommittee": frozenset({"statement"}),
    "RebuildCommittee": frozenset({"committee_source", "person"}),
    "FailSession": frozenset({"statement"}),
    "FailStage": frozenset({"statement"}),
    "RecordDissent": frozenset({"dissent"}),
    "DeemAgreement": frozenset({"statement"}),
    "RestartDrawK": frozenset({"statement"}),
    "RaiseObjection": frozenset({"objection"}),
    "AnswerObjection": frozenset({"objection"}),
    "OpenVote": frozenset({"reason"}),
    "NoteSameBrand": frozenset({"statement"}),
    "ConfirmDeduction": frozenset({"deduction"}),
    "RedrawCommittee": frozenset({"person", "facts"}),
    "DecideTie": frozenset({"statement"}),
    "BeginReevaluation": frozenset({"statement"}),
    "ReleaseBid": frozenset({"bid_release"}),
    "OpenBids": frozenset({"bidder_name", "price", "quantities"}),
    "RecordBidFailure": frozenset({"statement"}),
    "ReleaseCustody": frozenset({"custody_release"}),
    "EscrowSheet": frozenset({"sheet_escrow"}),
    "Intervene": frozenset({"intervention"}),
    "AnswerIntervention": frozenset({"intervention_answer"}),
    "ReleaseEscrow": frozenset({"escrow_release"}),
    "RecordRollCall": frozenset({"roll_call"}),
}
"""Command type → hidden fields that may be disclosed with it; every other disclosure is refused."""

NOTED: dict[str, frozenset[str] | None] = {
    "BadSignature": None,
    "BadAttestation": None,
    "NotAllowed": None,
    "WrongVenue": None,
    "SeenUnknown": None,
    "CommandReused": None,
    "OpeningMismatch": None,
    "SheetInvalid": frozenset({"OpenSheet"}),
    "TallyMismatch": None,
    "RecordMismatch": None,
    "WrongPhase": frozenset({"SealSheet", "TryOpening", "OpenSheet"}),
    "AlreadySealed": None,
}
"""Refusal codes that become `RefusalNoted` entries; None means for every type of command."""


def carries(command: Command, disclosures: tuple[Disclosure, ...]) -> Refusal | None:
    """Whether what travels with a command may, and is what it says; nothing is looked at in the state."""
    allowed = CARRIES.get(command.type, frozenset())
    for one in disclosures:
        if one.field not in allowed or not hidden.holds(one):
            return refuse("DisclosureMismatch", field=one.field)
    return None


def named(state: State, disclosures: Iterable[Disclosure]) -> Refusal | None:
    """Whether the record names every hidden value that was disclosed; strangers' are not kept."""
    known = {(one.field, one.digest) for one in digests(state)}
    for one in disclosures:
        if (one.field, one.digest) not in known:
            return refuse("DisclosureMismatch", field=one.field)
    return None


class Admission:
    """What a session's genesis and roster must be at this installation."""

    def __init__(
        self,
        installation_key: str,
        node_keys: Iterable[str],
        is_agent: Callable[[str], bool],
        office_keys: Iterable[str] = (),
        *,
        imports: bool = True,
    ) -> None:
        """Admit sessions under this key, with these nodes, by these agents, drawn with these offices.

        Without `imports` no opening is imported: bids are opened here, sealed (SPEC 28).
        """
        self._imports = imports
        self._installation_key = installation_key
        self._node_keys = frozenset(node_keys)
        self._party_keys = self._node_keys | frozenset(office_keys)
        self._is_agent = is_agent

    def refuses(self, command: Command) -> Refusal | None:
        """Why a command that the protocol accepts cannot be accepted here, or None."""
        match command.content:
            case cmd.BookSession() as content:
                return self._booking(command, content)
            case cmd.ImportOpening() if not self._imports:
                return refuse("OpeningSealed")
            case cmd.ImportCommittee() | FreezePool() as content:
                for venue in content.venues:
                    if venue.node_key not in self._node_keys:
                        return refuse("UnknownVenue", venue=venue.venue)
        return None

    def _booking(self, command: Command, content: cmd.BookSession) -> Refusal | None:
        if not self._is_agent(command.author_key):
            return refuse("UnknownAuthor")
        if command.session == INSTALLATION:
            return refuse("SessionExists", session=command.session)
        if content.installation_key != self._installation_key:
            return refuse("PlanMismatch", field="installation_key")
        for node in content.node_keys:
            if node.key not in self._party_keys:
                return refuse("UnknownVenue", venue=node.node)
        return None


def note(state: State | None, command: Command, refusal: Refusal, digest: bytes) -> NoteRefusal | None:
    """What supervisors must see of a refused act, or None.

    Only what a known key has done or is claimed to have done; a stranger's attempt counts where it
    claims a seat by a false attestation.
    """
    if state is None or refusal.code not in NOTED:
        return None
    types = NOTED[refusal.code]
    if types is not None and command.type not in types:
        return None
    who = speaker(state, command.author_key)
    seat = "" if who is None else who.seat
    if isinstance(command.content, cmd.BindSeat) and command.content.seat in state.seats:
        seat = command.content.seat
    elif who is None:
        return None
    return NoteRefusal(seat=seat, command_type=command.type, code=refusal.code, command_digest=digest)
