"""The installation's own commands: `author_seq` 0, nothing seen, an id derived from session and cause.

So asking twice gives the same command, and every coordinator the same.
"""

from protocol import canonical
from protocol.commands import NO_HEAD, Command, Content
from protocol.session.state import State
from protocol.words import SESSION_STAGE, Stage


def own(state: State, stage: Stage, content: Content, cause: str, at: int) -> Command:
    """A command of the installation, its id derived from session and cause."""
    digest = canonical.tagged_digest("due/v1", [state.session, cause])
    return Command(
        session=state.session,
        type=type(content).__name__,
        command_id=f"due-{digest.hex()[:40]}",
        author_key=state.installation_key,
        author_at=at,
        author_seq=0,
        seen=NO_HEAD,
        stage=stage,
        content=content,
    )


def stage_of(state: State, lot: str, envelope: str) -> Stage:
    """A lot's envelope in its present round; empty names give the session's own stage."""
    if not lot:
        return SESSION_STAGE
    return Stage(lot, envelope, state.tracks[f"{lot}/{envelope}"].round)


def sooner(one: int | None, other: int | None) -> int | None:
    """The earlier of two times, either of which may be never.

    >>> sooner(None, 5), sooner(3, 5), sooner(None, None)
    (5, 3, None)
    """
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
