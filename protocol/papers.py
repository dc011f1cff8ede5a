"""The messages by which a seat signs the report by certificate, wherever it stands (SPEC 29.7).

From a page through its node to the coordinator, and from there to the main venue, where the prepared report
lies: a certificate goes one way, the bytes that its key is to sign come back, the signature goes, and what
comes back is the content of `SignPaper`. No key and no report travels. Owns no transport.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.hidden import Disclosure
from protocol.wire import Refused
from protocol.words import Id, KeyText

PAPER_WISH: Final = "paper_wish"
PAPER_ASK: Final = "paper_ask"
PAPER_ANSWER: Final = "paper_answer"
"""Page to its node to the coordinator, each answered by how the seat's signature stands (`PaperStands`)."""
PAPER_DESK: Final = "paper_desk"
"""The main venue's node to the coordinator: what it has to say, for what waits for it."""

CERTIFICATES_MAX: Final = 4
QUESTION_BYTES_MAX: Final = 16_384
"""Largest set of signed attributes."""
SIGNATURE_BYTES_MAX: Final = 1_024

Der = Annotated[bytes, Meta(min_length=1, max_length=limits.CERTIFICATE_FILE_BYTES_MAX)]
Signature = Annotated[bytes, Meta(min_length=1, max_length=SIGNATURE_BYTES_MAX)]
PaperStanding = Literal["none", "waiting", "question", "made", "refused"]


class PaperWish(Struct, frozen=True, forbid_unknown_fields=True):
    """A seat wishes to sign with this certificate (its own first, those between behind it; DER).

    `number` is the coordinator's, for the main venue: which of the seat's wishes it is.
    """

    session: Id
    seat: Id
    key: KeyText
    certificates: Annotated[tuple[Der, ...], Meta(min_length=1, max_length=CERTIFICATES_MAX)]
    number: Annotated[int, Meta(ge=0, le=limits.INTEGER_MAX)] = 0


class PaperAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """How does my signature stand?"""

    session: Id
    seat: Id
    key: KeyText


class PaperAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """The signature over the question that was put, as it stands in a certificate (ECDSA and SM2 in DER)."""

    session: Id
    seat: Id
    key: KeyText
    signature: Signature


class PaperStands(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a seat's signature stands.

    `question`: the bytes to sign, by `algorithm`; `made`: `content` is that of `SignPaper`, to be signed with
    the seat's key, and the disclosure goes with it; `refused` says why nothing was made. `number`: of which
    of the seat's wishes the main venue speaks; of any but the last it says nothing any more.
    """

    session: Id
    seat: Id
    stands: PaperStanding
    number: Annotated[int, Meta(ge=0, le=limits.INTEGER_MAX)] = 0
    question: Annotated[bytes, Meta(max_length=QUESTION_BYTES_MAX)] = b""
    algorithm: str = ""
    content: Annotated[str, Meta(max_length=limits.COMMAND_BYTES_MAX)] = ""
    disclosure: Disclosure | None = None
    refused: Refused | None = None


class PaperDesk(Struct, frozen=True, forbid_unknown_fields=True):
    """What the main venue has to say of seats that wish to sign; asked anew, it says nothing."""

    session: Id
    told: Annotated[tuple[PaperStands, ...], Meta(max_length=limits.PLACES_PER_REPORT_MAX)]


class PaperBoard(Struct, frozen=True, forbid_unknown_fields=True):
    """What waits for the main venue: wishes that it has not taken up, answers to its questions."""

    session: Id
    wishes: tuple[PaperWish, ...]
    answers: tuple[PaperAnswer, ...]
