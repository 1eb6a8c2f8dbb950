"""One HTTP call to a platform: bounded in time and size, never repeated, and honest about what it proves.

A failure before the request left us is `Unavailable`; after that, a call with effect is `Uncertain`, since
the platform may have acted. Addresses carry tokens, so no exception or log line repeats one.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests import exceptions as failures

from channels.errors import ChannelError, Unavailable, Uncertain

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 20.0
MAX_BYTES = 8 * 1024 * 1024

Part = tuple[str, bytes, str]  # file name, content, media type


@dataclass(frozen=True)
class Answer:
    """What came back, read whole."""

    status: int
    media_type: str
    body: bytes

    def json(self) -> Any:
        """The body as JSON, always UTF-8 (platforms leave the charset out). Raises ValueError."""
        return json.loads(self.body.decode("utf-8"))


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
        self._timeout = (connect_seconds, total_seconds)
        self._adapter = adapter
        self._local = threading.local()

    def json(self, method: str, path: str, *, effect: bool, **request: Any) -> Any:
        """As `send`, and the answer must be a JSON object: an HTML page is a failure, whatever its status."""
        answer = self.send(method, path, effect=effect, **request)
        try:
            content = answer.json()
        except ValueError:
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
            session.close()  # a kept connection may be dead already, and then nobody knows what arrived
        deadline = time.monotonic() + self._timeout[1]
        try:
            with session.request(
                method,
                path if "://" in path else self.base_url + path,
                params=params,
                headers=headers,
                data=data if data is not None else form,
                files=files,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _read(response, deadline)
        except failures.ConnectTimeout:
            raise Unavailable(code="connect") from None
        except failures.ConnectionError as error:
            if _never_connected(error):
                raise Unavailable(code="connect") from None
            raise _lost(effect, "与平台的连接中断", "connection") from None
        except (failures.Timeout, TimeoutError):
            raise _lost(effect, "平台没有在规定时间内答复", "timeout") from None
        except failures.RequestException as error:
            raise _lost(effect, "与平台的通信出错", type(error).__name__) from None
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if response.status_code >= 500 and media_type != "application/json":
            raise _lost(effect, f"平台故障(HTTP {response.status_code})", f"http_{response.status_code}")
        return Answer(response.status_code, media_type, body)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            if self._adapter is not None:
                session.mount("http://", self._adapter)
                session.mount("https://", self._adapter)
            self._local.session = session
        return session


def _read(response: requests.Response, deadline: float) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_content(64 * 1024):
        size += len(chunk)
        if size > MAX_BYTES:
            raise failures.ContentDecodingError("answer too large")
        if time.monotonic() > deadline:
            raise TimeoutError
        chunks.append(chunk)
    return b"".join(chunks)


def _never_connected(error: failures.ConnectionError) -> bool:
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    names = {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"}
    return type(reason).__name__ in names or "CERTIFICATE_VERIFY_FAILED" in str(reason)


def _lost(effect: bool, what: str, code: str) -> ChannelError:
    if effect:
        return Uncertain(f"{what},正在查对是否已发出,不会重复发送。", code)
    return Unavailable(f"{what},稍后会自动再试。", code)
