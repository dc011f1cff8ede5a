"""What a page may be shown of interventions (SPEC 34.3). Times are ms of the coordinator's clock."""

from msgspec import Struct

from protocol.plan.interventions import Kind, Outcome, Scope


class InterventionView(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One intervention, and its answer once there is one.

    `seat`, `venue` and `province` say who asked, empty to a role that is not told; `subject` is empty for the
    session, and where the seat is not shown. `text` and `answer` are None where they are not shown.
    `answered_at` is 0 until somebody answered; `answerable` says that the viewer's own seat may.
    """

    number: int
    seq: int
    at: int
    kind: Kind
    scope: Scope
    subject: str
    reason: str
    due_at: int
    overdue: bool
    seat: str = ""
    venue: str = ""
    province: str = ""
    text: str | None = None
    answerable: bool = False
    answered_at: int = 0
    answered_by: str = ""
    outcome: Outcome | None = None
    answer: str | None = None
