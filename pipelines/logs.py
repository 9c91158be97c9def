"""How every process of the product logs: on standard error, one line of JSON an event, with what it is and for whom it works.

On a terminal the lines are for people. `process` says what the process is; `run_id`, `world_id`, `worker` and `sink` whom a line
concerns, as far as there is one. What libraries have to say, warnings and errors, has the same form. No line holds a secret.
`agora logs` reads them.
"""

from __future__ import annotations

import logging
import sys
from contextlib import AbstractContextManager
from typing import Any, TextIO

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.dev import ConsoleRenderer
from structlog.processors import JSONRenderer, TimeStamper, format_exc_info
from structlog.stdlib import ProcessorFormatter, add_log_level, add_logger_name
from structlog.types import EventDict, Processor

from pipelines.redaction import redact_event

OURS = ("pipelines", "spark_jobs", "simulator")
"""Whose lines are taken from level info on, those of others from warning on."""


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes where standard error leads when the line is written: a task may send that to the log of its run."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, value: TextIO) -> None:
        """Nothing to keep."""


_handler = _StandardError()
_ids: dict[str, Any] = {}
"""Of the process; context variables do not reach the threads that libraries start."""


def begin(process: str, **ids: Any) -> None:
    """Set up this process's logs; every line of it carries the process's name and the ids. Called again, it replaces them."""
    _ids.clear()
    _ids.update({"process": process, **ids})
    people = sys.stderr.isatty()
    time = TimeStamper("%Y-%m-%d %H:%M:%S", utc=False) if people else TimeStamper("iso")
    shared: list[Processor] = [merge_contextvars, _identified, add_logger_name, add_log_level, time]
    shown: Processor = ConsoleRenderer() if people else JSONRenderer(default=str)
    lines: list[Processor] = [ProcessorFormatter.remove_processors_meta, format_exc_info, redact_event, shown]
    _handler.setFormatter(ProcessorFormatter(processors=lines, foreign_pre_chain=shared))
    logging.getLogger().addHandler(_handler)  # which does nothing if it is there
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    structlog.configure(
        processors=[*shared, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def concerning(**ids: Any) -> AbstractContextManager[None]:
    """Within it, lines of this thread carry these ids, too."""
    return bound_contextvars(**ids)


def begun() -> bool:
    """Whether this process's logs are set up."""
    return bool(_ids)


def _identified(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return {**_ids, **event}
