"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct


class Answer(Struct, frozen=True):
    """Who answered, how, when (ms) and by which entry; `text` is the digest of the words."""

    seat: str
    outcome: str
    text: bytes
    at: int
    seq: int


class Intervention(Struct, frozen=True):
    """One intervention: the event's fields, its entry `seq` and clock `at` (ms).

    `suspensions` is how many suspensions the record had before it.
    """

    number: int
    seq: int
    at: int
    seat: str
    venue: str
    kind: str
    scope: str
    subject: str
    reason: str
    text: bytes
    due_at: int
    suspensions: int
    answer: Answer | None = None
    overdue: bool = False


class Oversight(Struct, frozen=True):
    """Interventions in the record's order; the first has `number` 1."""

    interventions: tuple[Intervention, ...] = ()
