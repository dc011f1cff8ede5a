"""What every check on hidden inputs begins with: is it here, is it of its field, can it be read.

Owns no rule of the process; `checks` and the groups' checks do.
"""

from typing import Any

from protocol import canonical, limits
from protocol.hidden import Disclosed, Field
from protocol.plan.plan import Plan
from protocol.refusals import Refusal, refuse

Findings = tuple[Refusal, ...]


class OutcomeWithheld(LookupError):
    """A hidden value that the outcome tells is not disclosed; the text says which."""


def need(disclosed: Disclosed, field: str, digest: bytes) -> Findings:
    """Nothing when a hidden value is disclosed under its field; else what is wrong."""
    if digest not in disclosed:
        return (refuse("DisclosureMissing", field=field),)
    if disclosed[digest].field != field:
        return (refuse("DisclosureMismatch", field=field),)
    return ()


def read(disclosed: Disclosed, field: Field, digest: bytes, as_type: Any) -> Any:
    """A hidden value in its form; or the refusals that say why it cannot be had (a tuple of them)."""
    missing = need(disclosed, field, digest)
    if missing:
        return missing
    try:
        return disclosed.value(digest, as_type)
    except canonical.NotCanonical as error:
        return (refuse("Malformed", why=str(error)),)


def the_plan(disclosed: Disclosed, digest: bytes) -> Plan | Findings:
    """The disclosed plan, or what is wrong with its disclosure."""
    found: Plan | Findings = read(disclosed, "plan", digest, Plan)
    return found


def written(disclosed: Disclosed, field: Field, digest: bytes, chars_max: int) -> Findings:
    """What is wrong with a text that somebody wrote: missing, empty, too long."""
    text = read(disclosed, field, digest, str)
    if isinstance(text, tuple):
        return text
    if not 0 < len(text) <= chars_max:
        return (refuse("TextLength", field=field, limit=chars_max),)
    return ()


def remark(disclosed: Disclosed, digest: bytes) -> Findings:
    """What is wrong with a witness's remark, a short text; no remark (no digest) needs no disclosure."""
    text = read(disclosed, "remark", digest, str) if digest else None
    if isinstance(text, tuple):
        return text
    if text is not None and not 0 < len(text) <= limits.REMARK_CHARS_MAX:
        return (refuse("RemarkTooLong", limit=limits.REMARK_CHARS_MAX),)
    return ()
