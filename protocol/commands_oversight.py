"""The forms of what may be asked under rules version 4, group `oversight` (SPEC 34)."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.content import Content
from protocol.plan.interventions import Kind, Outcome, Scope
from protocol.words import Hash, Id, IdOrEmpty

Number = Annotated[int, Meta(ge=1, le=limits.INTEGER_MAX)]
"""Counts a session's interventions from 1."""


class Intervene(Content, frozen=True, forbid_unknown_fields=True):
    """监督介入: a supervisor asks, warns or requests a suspension.

    `subject` is the venue, seat or role that `scope` says, empty for the session. `text` is the digest of the
    words; `answer_ms` how long there is for an answer, from the entry's clock.
    """

    kind: Kind
    scope: Scope
    subject: IdOrEmpty
    reason: Id
    text: Hash
    answer_ms: Annotated[int, Meta(ge=limits.ANSWER_MS_MIN, le=limits.ANSWER_MS_MAX)]


class AnswerIntervention(Content, frozen=True, forbid_unknown_fields=True):
    """答复监督介入: `answer` is the digest of the words."""

    number: Number
    outcome: Outcome
    answer: Hash


class NoteAnswerOverdue(Content, frozen=True, forbid_unknown_fields=True):
    """答复逾期: the installation says that an intervention's time is over and nobody has answered."""

    number: Number


CONTENTS: tuple[type[Content], ...] = (Intervene, AnswerIntervention, NoteAnswerOverdue)
