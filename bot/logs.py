"""Logs: one line an event on stderr, for people or as JSON, and no secret in any of them."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "***"
NAMES = "access_token|refresh_token|component_access_token|token|ticket|appsecret|app_secret|secret|password"
IN_ADDRESS = re.compile(rf"\b({NAMES})=[^&\s\"'<>]+", re.IGNORECASE)
IN_JSON = re.compile(rf"([\"'](?:{NAMES})[\"']\s*:\s*)([\"']).*?\2", re.IGNORECASE)


def configure(level: str = "info", form: str = "console", secrets: Iterable[str] = ()) -> None:
    """Set up our own log and the libraries' one; `form` is console or json. May be called again."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: list[Processor] = [_Renderer(form), Redactor(secrets)]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _route_libraries(shared, last)


class Redactor:
    """Hides secrets in a finished line: the known ones in every spelling, others by the name before them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
        longest_first = sorted(spellings, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, _logger: WrappedLogger, _method: str, line: EventDict | str) -> str:
        return self.redact(str(line))

    def redact(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        text = IN_ADDRESS.sub(rf"\1={HIDDEN}", text)
        return IN_JSON.sub(rf"\1\2{HIDDEN}\2", text)


class _Renderer:
    """The event as one line of JSON, or as a line for people with its traceback below."""

    def __init__(self, form: str) -> None:
        self._json = form == "json"

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> str:
        event.pop("_record", None)
        event.pop("_from_structlog", None)
        if self._json:
            return json.dumps(event, ensure_ascii=False, default=str)
        moment, level, what = event.pop("timestamp"), event.pop("level"), event.pop("event")
        traceback = event.pop("exception", "")
        pairs = " ".join(f"{key}={value}" for key, value in event.items())
        line = f"{moment} {level:<8} {what} {pairs}".rstrip()
        return f"{line}\n{traceback}" if traceback else line


def _route_libraries(shared: list[Processor], last: list[Processor]) -> None:
    """What libraries say through `logging`, from WARNING on, in the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def _spellings(secret: str) -> set[str]:
    """As it is, as it stands in JSON or a repr, and as it stands in an address."""
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {secret, repr(secret)[1:-1], quote(secret), quote(secret, safe="")} | in_json
