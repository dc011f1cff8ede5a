"""How a node speaks of itself: JSON log lines on stderr.

Owns the form of a log line. Must not know, and so never writes, what an act contains: logs name sessions,
seqs, seats, types and codes, never contents, one-time codes or hidden values.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any

import stamina
import structlog


def configure(level: str, now_ms: Callable[[], int]) -> None:
    """Send every log line of the process, libraries' too, to stderr as one JSON object.

    Args:
      level: `debug`, `info`, `warning` or `error`.
      now_ms: the wall clock, ms; it becomes the line's `at`.
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
    handler = logging.StreamHandler(sys.stderr)
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
    for noisy in ("aiohttp.access", "asyncio", "socketio", "engineio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    # A line that is tried again and again is told once, by the uplink, when it goes down.
    stamina.instrumentation.set_on_retry_hooks([])
