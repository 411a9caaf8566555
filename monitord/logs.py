"""Logs for the operator and the engineer: one line an entry, on standard error, without secrets.

Also the only place that formats tracebacks. Must not decide anything. Entries of other libraries
have the same form.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog
from structlog.tracebacks import Frame, extract

from monitord.log_writer import LogWriter

LEVELS: Final = ("debug", "info", "warning", "error")
HIDDEN: Final = "***"
SECRET_KEY = re.compile(
    r"community|passw|passphrase|token|secret|credential|authorization|api_?key|url", re.IGNORECASE
)
URL_TEXT = re.compile(
    r"(?i)(?P<scheme>[a-z][a-z0-9+.-]*://)(?:[^\s/\"']*@)?(?P<host>[^\s/?#\"']+)\S*"
)
PLAIN = re.compile(r"[\w.:/+*%@,\-]+")
FRAMES_MAX: Final = 6
NESTING_MAX: Final = 6
NOISY: Final = ("aiohttp", "apscheduler", "asyncio", "pymodbus", "pysnmp")
"""Libraries whose debug lines hold packets, and with them community strings."""

_STAMP: Final = structlog.processors.TimeStamper(fmt="iso", utc=True)

Entry = MutableMapping[str, Any]


def set_up_logs(
    level: str = "info", *, as_json: bool = False, stream: TextIO | None = None
) -> None:
    """Send every log of this process to ``stream`` (standard error), from ``level`` upward.

    Each entry is one line: ``key=value`` pairs, or a JSON object. Raises ``ValueError`` for a
    level that is not one of ``LEVELS``.
    """
    _install(logging.StreamHandler(stream or sys.stderr), level, as_json=as_json)


def set_up_daemon_logs(level: str, *, as_json: bool, descriptor: int) -> LogWriter:
    """Do the same by a thread: no caller waits for a stalled reader of ``descriptor``.

    Lines beyond the rate and the queue of ``LogWriter`` are counted and left out. At the end of the
    program the rest is written, for a bounded time.
    """
    render = render_json if as_json else render_line

    def notice(count: int, why: str) -> str:
        entry: Entry = {"level": "warning", "event": "log_lines_lost", "count": count, "why": why}
        return f"{render(None, '', _STAMP(None, '', entry))}\n"

    writer = LogWriter(descriptor, notice)
    _install(_Queued(writer), level, as_json=as_json)
    return writer


def lines_lost() -> int:
    """Return how many lines the logs of this process have left out since its start."""
    handlers = (one for one in logging.getLogger().handlers if isinstance(one, _Queued))
    return sum(handler.stream.lost for handler in handlers)


class _Queued(logging.StreamHandler[LogWriter]):
    """Ends with its lines written, if somebody reads them."""

    def close(self) -> None:
        self.stream.drain()
        super().close()


def _install(handler: logging.Handler, level: str, *, as_json: bool) -> None:
    if level not in LEVELS:
        raise ValueError(f"log level {level!r} is not one of {', '.join(LEVELS)}")
    logging.raiseExceptions = False  # a closed standard error must not print tracebacks
    handler.setFormatter(_formatter(as_json=as_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    _set_up_structlog()


def redact(_logger: Any, _method: str, entry: Entry) -> Entry:
    """Hide values under secret keys, and every URL behind its host, down to ``NESTING_MAX``."""
    return {key: _redacted(key, value, NESTING_MAX) for key, value in entry.items()}


def shorten_exception(_logger: Any, _method: str, entry: Entry) -> Entry:
    """Replace ``exc_info`` by two fields: the error, and the calls that led to it."""
    found = entry.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        frames = error_frames(error)[-FRAMES_MAX:]
        entry["error"] = f"{type(error).__name__}: {error}"
        entry["where"] = " > ".join(f"{f.filename}:{f.lineno}" for f in frames)
    return entry


def error_frames(error: BaseException) -> list[Frame]:
    """Return where ``error`` was raised: file, line and function of each call, outermost first."""
    trace = extract(type(error), error, error.__traceback__, show_locals=False)
    return trace.stacks[0].frames


def error_place(error: BaseException) -> str:
    """Return the type of an error and the function and line that raised it.

    Its text stays out, because it may quote a secret or an answer.
    """
    frames = error_frames(error)
    at = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{at}"


def render_line(_logger: Any, _method: str, entry: Entry) -> str:
    """Return the entry as ``key=value`` pairs: time, level and event first."""
    first = ("timestamp", "level", "event")
    keys = [key for key in first if key in entry] + [key for key in entry if key not in first]
    return " ".join(f"{_key(key)}={_value(entry[key])}" for key in keys)


def render_json(_logger: Any, _method: str, entry: Entry) -> str:
    """Return the entry as one JSON object."""
    return json.dumps(dict(entry), ensure_ascii=False, default=str)


def _set_up_structlog() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _STAMP,
    ]


def _formatter(*, as_json: bool) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_shared(), structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            shorten_exception,
            redact,
            render_json if as_json else render_line,
        ],
    )


def _redacted(key: str, value: Any, depth: int) -> Any:
    if SECRET_KEY.search(key):
        return HIDDEN
    if isinstance(value, str):
        return URL_TEXT.sub(_only_host, value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth == 0:
        return HIDDEN
    if isinstance(value, dict):
        return {str(k): _redacted(str(k), v, depth - 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted("", item, depth - 1) for item in value]
    return URL_TEXT.sub(_only_host, str(value))


def _only_host(found: re.Match[str]) -> str:
    return f"{found['scheme']}{found['host']}/{HIDDEN}"


def _key(key: str) -> str:
    return re.sub(r"[^\w.]", "_", key)


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
