"""Events of rules version 4, group `oversight`: interventions and their answers (SPEC 34)."""

from msgspec import Struct

from protocol.plan.interventions import Kind, Outcome, Scope
from protocol.words import Count, Hash, Id, IdOrEmpty, Millis


class Intervened(Struct, frozen=True, forbid_unknown_fields=True, tag="Intervened.1"):
    """A supervisor's seat, at a venue, intervened; `due_at` is by when an answer is due (ms)."""

    number: Count
    seat: Id
    venue: Id
    kind: Kind
    scope: Scope
    subject: IdOrEmpty
    reason: Id
    text: Hash
    answer_ms: Millis
    due_at: Millis


class InterventionAnswered(Struct, frozen=True, forbid_unknown_fields=True, tag="InterventionAnswered.1"):
    """A seat answered an intervention."""

    number: Count
    seat: Id
    outcome: Outcome
    answer: Hash


class AnswerOverdue(Struct, frozen=True, forbid_unknown_fields=True, tag="AnswerOverdue.1"):
    """The time for an answer is over; it may still be given."""

    number: Count


OversightEvent = Intervened | InterventionAnswered | AnswerOverdue
