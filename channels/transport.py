"""One HTTP call to a platform: bounded in time and size, never repeated, and honest about what it proves.

A failure before the request left us is `Unavailable`; after that, a call with effect is `Uncertain`, since
the platform may have acted. Addresses carry tokens, so no exception or log line repeats one.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import requests
from requests import exceptions as failures
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ReadTimeoutError

from channels.deadline import DeadlineAdapter, ends_within
from channels.errors import AccountRefused, ChannelError, Unavailable, Uncertain

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 20.0
MAX_BYTES = 8 * 1024 * 1024

Part = tuple[str, bytes, str]  # file name, content, media type
_may_act: ContextVar[Callable[[], bool]] = ContextVar("may_act", default=lambda: True)
NEVER_SENT = (failures.InvalidURL, failures.InvalidSchema, failures.MissingSchema)

# urllib3's debug lines repeat addresses
logging.getLogger("urllib3.connectionpool").addFilter(lambda record: record.levelno > logging.DEBUG)


@dataclass(frozen=True)
class Answer:
    """What came back, read whole."""

    status: int
    media_type: str
    body: bytes

    def json(self) -> Any:
        """The body as JSON, always UTF-8 (platforms leave the charset out). Raises ValueError."""
        return json.loads(self.body.decode("utf-8"))


@contextmanager
def acting_while(allowed: Callable[[], bool]) -> Iterator[None]:
    """Ask `allowed` right before each call with effect that this thread makes, and make none without it."""
    before = _may_act.set(allowed)
    try:
        yield
    finally:
        _may_act.reset(before)


class Transport:
    """Calls below one base address. Each thread has a session of its own: requests' is not thread-safe."""

    def __init__(
        self,
        base_url: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
        adapter: requests.adapters.BaseAdapter | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._connect_seconds, self._total_seconds = connect_seconds, total_seconds
        self._adapter = adapter
        self._local = threading.local()

    def json(self, method: str, path: str, *, effect: bool, **request: Any) -> Any:
        """As `send`, and the answer must be a JSON object: an HTML page is a failure, whatever its status."""
        answer = self.send(method, path, effect=effect, **request)
        try:
            content = answer.json()
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise _lost(effect, f"平台返回的不是约定的格式(HTTP {answer.status})", "not_json")
        return content

    def send(
        self,
        method: str,
        path: str,
        *,
        effect: bool,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, Part] | None = None,
    ) -> Answer:
        """One request, one answer. `effect` says whether the platform acts on it.

        Raises Unavailable (surely not acted on, or a read), Uncertain (a call with effect and no answer).
        """
        session = self._session()
        if effect:
            if not _may_act.get()():
                raise Uncertain("等得太久，已由别的进程接手，这一步没有发出。", "overtaken")
            session.close()  # a kept connection may be dead already, and then nobody knows what arrived
        try:
            with (
                ends_within(self._total_seconds),
                session.request(
                    method,
                    path if "://" in path else self.base_url + path,
                    params=params,
                    headers=headers,
                    data=data if data is not None else form,
                    files=files,
                    timeout=(self._connect_seconds, self._total_seconds),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                body = _read(response)
        except NEVER_SENT:
            raise AccountRefused("平台地址不是网址，请管理员改正配置中的 base_url。", "base_url") from None
        except failures.RequestException as error:
            raise _failure(error, effect) from None
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if response.status_code >= 500 and media_type != "application/json":
            raise _lost(effect, f"平台故障(HTTP {response.status_code})", f"http_{response.status_code}")
        return Answer(response.status_code, media_type, body)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            for scheme in ("http://", "https://"):
                session.mount(scheme, self._adapter or DeadlineAdapter())
            self._local.session = session
        return session


def _read(response: requests.Response) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_content(64 * 1024):
        size += len(chunk)
        if size > MAX_BYTES:
            raise failures.ContentDecodingError("answer too large")
        chunks.append(chunk)
    return b"".join(chunks)


def _failure(error: failures.RequestException, effect: bool) -> ChannelError:
    if _never_connected(error):
        return Unavailable(code="connect")
    if isinstance(error, failures.Timeout) or isinstance(_cause(error), ReadTimeoutError):
        return _lost(effect, "平台没有在规定时间内答复", "timeout")
    if isinstance(error, failures.ConnectionError | failures.ChunkedEncodingError):
        return _lost(effect, "与平台的连接中断", "connection")
    return _lost(effect, "与平台的通信出错", type(error).__name__)


def _never_connected(error: failures.RequestException) -> bool:
    reason = getattr(_cause(error), "reason", None)
    return (
        isinstance(error, failures.ConnectTimeout)
        or isinstance(reason, NewConnectionError | ConnectTimeoutError)
        or "CERTIFICATE_VERIFY_FAILED" in str(reason)
    )


def _cause(error: failures.RequestException) -> object:
    return error.args[0] if error.args else None


def _lost(effect: bool, what: str, code: str) -> ChannelError:
    if effect:
        return Uncertain(f"{what}，正在查对是否已发出，不会重复发送。", code)
    return Unavailable(f"{what}，稍后会自动再试。", code)
