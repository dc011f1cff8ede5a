"""The picture: all that the landing page shows, as one value that is sent whole whenever it changes.

Owns its form and how it is put together. Holds no code, no name of a person and no hidden value: what is
shown of a running session is what a venue's keeper may see; a result is the archived record's.
"""

from typing import Final, Literal

import msgspec
from msgspec import Struct

from ops.installation import Installation
from ops.landing import breakpoints, ending
from ops.landing.baton import Baton
from ops.landing.bids import Sealing
from ops.landing.chronicle import Told
from ops.landing.ending import Otherwise
from ops.landing.lines import Lines
from ops.landing.performance import OVER, Documents, Performance
from ops.people import notebook
from ops.people.cast import Place, Standing
from ops.processes import Part
from ops.result import Ranked
from ops.stack import Stack
from ops.trouble import Trouble
from protocol.plan.case import Case
from protocol.plan.case import Turn as BuiltIn
from protocol.plan.stages import leaves, stages
from protocol.views import View
from protocol.wire import Refused

ROLES: Final = (
    "agent",
    "tenderee",
    "expert",
    "witness",
    "supervisor",
    "keeper",
    "bidder",
    "venue",
    "installation",
)
"""The order of a venue's desks."""


class Process(Struct, frozen=True):
    """A process; of a venue's node `online` is its own line, `cut` how we cut it, empty for not.

    `role` is a venue's, or what kind of service it is; `url` its pages, empty where it has none.
    """

    name: str
    zh: str
    en: str
    ready: bool
    restarts: int
    province: str = ""
    role: str = ""
    url: str = ""
    online: bool = False
    cut: str = ""


class Desk(Struct, frozen=True, kw_only=True):
    """A seat's card; `cannot` says why nobody can sit down there now, empty where one can.

    `waits`: the act before which its stand-in is held up. `awaited`: what the session awaits of it.
    """

    seat: str
    role: str
    venue: str
    kind: str
    speciality: str
    page: str
    standing: Standing
    bound: bool
    checked_in: bool
    signed: bool
    sealed: bool | None
    waits: str
    awaited: tuple[str, ...]
    fault: Refused | None
    cannot: Literal["", "line", "over", "starting"]


class Point(Struct, frozen=True):
    """A breakpoint: whether the play will stand there, has passed it, stands there; and where to look."""

    id: str
    armed: bool
    passed: bool
    here: bool
    seat: str


class Playing(Struct, frozen=True):
    """How the play goes; `next` is who would act next and how, empty where nobody of ours waits."""

    begun: bool
    paused: bool
    pace: str
    next: tuple[str, str] | None
    points: tuple[Point, ...]


class Result(Struct, frozen=True):
    """What an archived session came to; the files' names are under `/files/<session>/`."""

    rows: tuple[Ranked, ...]
    otherwise: tuple[Otherwise, ...]
    outcome: str
    entries: int
    record: str
    report: bool
    """Whether report and workbook are made by now."""
    archive: str
    policy: str
    """Where archive and policy lie, once the archive was found valid; empty before."""
    signed: bool


class Turn(Struct, frozen=True):
    """A turn that the case has built in, in both languages; `item_…` are its item's words, if any."""

    kind: str
    seat: str
    bidder: str
    criterion: str
    zh: str
    en: str
    item_zh: str
    item_en: str


class Session(Struct, frozen=True, kw_only=True):
    """The session that is shown."""

    session: str
    title: str
    title_en: str
    notice_zh: str
    notice_en: str
    view: View | None
    acts: tuple[Told, ...]
    desks: tuple[Desk, ...]
    playing: Playing
    bidders: tuple[tuple[str, str, bool], ...]
    """Id, code, whether its bid is opened."""
    turns: tuple[Turn, ...]
    far: str
    """The venue whose line is cut at that breakpoint."""
    result: Result | None
    trouble: Refused | None
    documents: Documents
    bids: Sealing
    deadline: int
    """Until when sealed bids are received, ms."""
    script: str
    """The scripted evaluation that it is; empty for none."""


class Earlier(Struct, frozen=True):
    """A session of before; `record`: its record can be taken away."""

    session: str
    ended: bool
    record: bool


class Picture(Struct, frozen=True, kw_only=True):
    """Everything."""

    v: Literal[1] = 1
    standing: Literal["starting", "ready", "stopping"]
    trouble: Refused | None
    coordinators: tuple[Process, ...]
    venues: tuple[Process, ...]
    services: tuple[Process, ...]
    """Cosigners, custodians and media workers, where there are any."""
    overview: str
    ukey: bool
    """Whether there is a demonstration UKey for whoever sits down."""
    session: Session | None
    preparing: bool
    """A session is being prepared."""
    earlier: tuple[Earlier, ...]


class Health(Struct, frozen=True):
    """What a process said last: whether it is ready, and a node whether its line is up."""

    ready: bool = False
    online: bool = False


def told(trouble: Trouble | None) -> Refused | None:
    """A trouble as it travels."""
    return None if trouble is None else Refused("Trouble", trouble.zh, trouble.en)


def processes(
    stack: Stack, lines: Lines, health: dict[str, Health]
) -> tuple[tuple[Process, ...], tuple[Process, ...], tuple[Process, ...]]:
    """The coordinators, the venues' nodes and the other services as they are now."""
    found = stack.installation
    nodes = {node.place.node: node for node in found.nodes}
    several: list[Process] = []
    venues: list[Process] = []
    services: list[Process] = []
    for part in stack.parts:
        said, restarts = health.get(part.name, Health()), stack.restarts[part.name]
        if part.name in found.coordinators:
            several.append(Process(part.name, part.zh, part.en, said.ready, restarts))
        elif part.name in nodes:
            node = nodes[part.name]
            place = node.place
            venues.append(
                Process(
                    part.name, place.zh, place.en, said.ready, restarts, place.province, place.role, node.url,
                    said.online, lines.of[part.name].cut or "",
                )
            )  # fmt: skip
        else:
            role, url = _service(found, part)
            services.append(
                Process(part.name, part.zh, part.en, said.ready, restarts, role=role, url=url)
            )  # fmt: skip
    return tuple(several), tuple(venues), tuple(services)


def _service(found: Installation, part: Part) -> tuple[str, str]:
    """Of which kind a service is, and where its page is."""
    if part.name in found.custodians:
        return "custodian", f"http://{part.host}/"
    return ("cosigner" if part.name in found.cosigners else "media"), ""


def session(shown: Performance, lines: Lines) -> Session:
    """One session."""
    case = shown.case
    view = shown.chronicle.view()
    return Session(
        session=shown.session,
        title=case.plan.title,
        title_en=case.plan.title_en,
        notice_zh=case.plan.notice_zh,
        notice_en=case.plan.notice_en,
        view=view,
        acts=tuple(shown.chronicle.acts),
        desks=tuple(
            _desk(shown, view, place, lines)
            for place in sorted(shown.cast.places.values(), key=lambda one: ROLES.index(one.seat.role))
        ),
        playing=_playing(shown.baton, shown),
        bidders=tuple((one.id, one.code, shown.chronicle.opened(one.id)) for one in case.bidders),
        turns=tuple(_turn(case, one) for one in case.turns),
        far="" if shown.far is None else shown.far.venue,
        result=_result(shown),
        trouble=told(shown.trouble),
        documents=shown.documents,
        bids=shown.bids.standing,
        deadline=shown.bids.deadline,
        script=shown.note.script,
    )


def earlier(found: Installation, now: str) -> tuple[Earlier, ...]:
    """The sessions of before, the newest first."""
    return tuple(
        Earlier(note.session, note.ended, (found.data / f"{note.session}.record").exists())
        for note in reversed(notebook.notes(found))
        if note.session != now
    )


def encode(picture: Picture) -> bytes:
    """The picture as JSON."""
    return msgspec.json.encode(picture)


def _desk(shown: Performance, view: View | None, place: Place, lines: Lines) -> Desk:
    seat = place.seat
    now = next((one for one in view.seats if one.seat == seat.seat), seat) if view is not None else seat
    member = next((one for one in shown.case.members if one.seat == seat.seat), None)
    scored = [stage for stage in view.stages if stage.sheets is not None] if view is not None else []
    sealed = [one.sealed for stage in scored for one in stage.sheets or () if one.seat == seat.seat]
    cannot: Literal["", "line", "over", "starting"] = ""
    if shown.phase in OVER:
        cannot = "over"
    elif lines.of[seat.venue].cut is not None:
        cannot = "line"
    return Desk(
        seat=seat.seat, role=seat.role, venue=seat.venue, kind=seat.kind,
        speciality="" if member is None else member.speciality,
        page=f"{shown.installation.node(seat.venue).url}{seat.role}/",
        standing=place.standing, bound=now.bound, checked_in=now.checked_in, signed=now.signed,
        sealed=all(sealed) if sealed else None,
        waits=next((what for who, what in shown.baton.waiting if who == seat.seat), ""),
        awaited=tuple(one.act for one in view.awaited if one.who == seat.seat) if view is not None else (),
        fault=place.fault, cannot=cannot,
    )  # fmt: skip


def _turn(case: Case, turn: BuiltIn) -> Turn:
    """A turn and its item; the plan is the demonstration's own, and so no secret here."""
    items = (leaf for lot, envelope in stages(case.plan) for leaf in leaves(case.plan, lot, envelope))
    zh, en = next(((leaf.zh, leaf.en) for leaf in items if leaf.id == turn.criterion), ("", ""))
    return Turn(turn.kind, turn.seat, turn.bidder, turn.criterion, turn.text_zh, turn.text_en, zh, en)


def _playing(baton: Baton, shown: Performance) -> Playing:
    turn = next((one for one in shown.case.turns if one.kind == "first_entry"), None)
    looks = {
        "mismatch": turn.seat if turn is not None else "",
        "cut": "" if shown.far is None else shown.far.seat,
    }
    return Playing(
        begun=shown.cast.begun,
        paused=baton.paused,
        pace=baton.pace,
        next=baton.waiting[0] if baton.waiting else None,
        points=tuple(
            Point(
                one.id, one.id in baton.armed, one.id in baton.passed, baton.here is one,
                looks.get(one.id, "") or (baton.here_seat if baton.here is one else ""),
            )
            for one in breakpoints.ALL
            if looks.get(one.id, "-")
        ),
    )  # fmt: skip


def _result(shown: Performance) -> Result | None:
    end = shown.ending
    if end is None:
        return None
    made = all(path.exists() for path in ending.report_of(end.record))
    return Result(
        end.rows, end.otherwise, end.outcome, end.entries, str(end.record), made,
        "" if end.files is None else str(end.files.archive),
        "" if end.files is None else str(end.files.policy),
        end.files is not None and end.files.signed is not None,
    )  # fmt: skip
