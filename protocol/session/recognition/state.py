"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct


class Answer(Struct, frozen=True):
    """What a venue says of a record; `by` is the witness who said it, `seq` and `at` the entry's."""

    verdict: str
    reason: str
    remark: bytes
    by: str
    seq: int
    at: int


class Recognition(Struct, frozen=True):
    """A witness's seat → venue → the answer that stands; and the remarks of those that stand no more."""

    answers: dict[str, dict[str, Answer]] = {}
    remarks: tuple[bytes, ...] = ()
