"""What a page is told of delegated keys (SPEC 19.8): its own, and whom an officer may confirm.

Plain structs beside `views`; public fields of the record alone. What the evidence says stands in no view.
"""

from typing import Literal

from msgspec import Struct

from protocol.words import Role

VoiceStanding = Literal["none", "given", "ended", "revoked"]
"""Not delegated yet · delegated, in time · its time is over · its certificate is revoked."""


class UnvoicedView(Struct, frozen=True, forbid_unknown_fields=True):
    """A seat at the officer's own venue whose key has no voice in force, and that key."""

    seat: str
    role: Role
    key: str


class VoiceView(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """By what one's own seat's key was delegated, as of the view's clock.

    `means`, `until` (ms) and `by` (the officer's seat, for means `desk`) are of its newest delegation, empty
    where there is none. `confirms` are those whom this seat may confirm, once its own key is known by
    certificate or passkey.
    """

    key: str
    stands: VoiceStanding
    means: str = ""
    until: int = 0
    by: str = ""
    confirms: tuple[UnvoicedView, ...] = ()
