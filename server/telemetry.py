"""What the coordinator says of itself: JSON logs on stderr, and numbers for Prometheus.

Owns the form of a log line and the names of the numbers. Must not know, and so never writes, what
an act contains: logs name sessions, seqs, nodes, types and codes, never contents, keys' owners,
one-time codes or hidden values.
"""

import logging
import sys
from collections import deque
from collections.abc import Callable
from typing import Any, TextIO

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

Logger = structlog.stdlib.BoundLogger

_APPEND_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_GROUP_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


def configure(level: str, now_ms: Callable[[], int], out: TextIO | None = None) -> None:
    """Send every log line of the process, libraries' too, to stderr as one JSON object.

    Args:
      level: `debug`, `info`, `warning` or `error`.
      now_ms: the wall clock, ms; it becomes the line's `at`.
      out: where to, stderr unless told otherwise.
    """

    def stamp(_logger: Any, _method: str, event: Any) -> Any:
        event["at"] = now_ms()
        return event

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        stamp,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Where it happened, never with what values: locals hold what must not be logged.
                structlog.processors.ExceptionRenderer(
                    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
                ),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Libraries log every request and packet; what we need to know of those is counted.
    for noisy in ("aiohttp.access", "alembic", "socketio", "engineio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def logger(room: str) -> Logger:
    """The logger of a room: `server.sessions`."""
    found: Logger = structlog.stdlib.get_logger(room)
    return found


RECENT_APPENDS = 512
"""So many group commits the overview's times are of."""


class Meters:
    """The coordinator's numbers; one set for each coordinator, so that tests may run several."""

    def __init__(self) -> None:
        """Make every number at zero."""
        self.registry = CollectorRegistry()
        self.entries = self._counter("entries_total", "entries made durable")
        self.answers = self._counter("answers_total", "answers given", "status")
        self.refusals = self._counter("refusals_total", "refusals given", "code")
        self.conflicts = self._counter("append_conflicts_total", "batches whose place another writer took")
        self.faults = self._counter("store_faults_total", "batches the store could not make durable")
        self.asserts = self._counter("actor_asserts_total", "sessions stopped and reloaded after an assert")
        self.frames = self._counter("frames_refused_total", "socket frames refused before Socket.IO", "why")
        self.forwards = self._counter("forwards_total", "commands brought to another coordinator", "result")
        self.hints = self._counter("bus_hints_total", "hints between coordinators", "way")
        self.pushes = self._counter("pushes_total", "feeds pushed to nodes", "result")
        self.append_s = Histogram(
            "tongchang_append_seconds",
            "submitted to durable",
            buckets=_APPEND_BUCKETS,
            registry=self.registry,
        )
        self._recent: deque[float] = deque(maxlen=RECENT_APPENDS)
        self.group = Histogram(
            "tongchang_group_batches",
            "batches that shared one transaction",
            buckets=_GROUP_BUCKETS,
            registry=self.registry,
        )
        self.awake = self._gauge("sessions_awake", "sessions held in memory")
        self.held = self._gauge("sessions_held", "sessions written by this coordinator under a lease")
        self.bus_away = self._gauge("bus_away", "1 while hints do not reach other coordinators")
        self.nodes = self._gauge("nodes_online", "nodes connected")
        self.sockets = self._gauge("sockets", "sockets connected")
        self.followers = self._gauge("followers", "sessions followed by sockets")
        self.page_streams = self._gauge("page_streams", "bidders' pages told live")
        self.durable = self._gauge("store_durable", "1 while the last write was made durable")
        self.durable.set(1)

    def appended(self, seconds: float) -> None:
        """A command was made durable so long after it was submitted."""
        self.append_s.observe(seconds)
        self._recent.append(seconds)

    def recent_ms(self, percent: int) -> int:
        """How long so many per cent of the newest commands took at most to be durable, ms; 0 for none."""
        told = sorted(self._recent)
        return round(told[(len(told) - 1) * percent // 100] * 1000) if told else 0

    def text(self) -> bytes:
        """All numbers in Prometheus's text form."""
        return generate_latest(self.registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"tongchang_{name}", what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str) -> Gauge:
        return Gauge(f"tongchang_{name}", what, registry=self.registry)
