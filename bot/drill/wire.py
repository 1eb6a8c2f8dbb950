"""The way from a channel's transport to an emulator, without a socket."""

import io
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from channels.emulator import Request, Response

Deliver = Callable[[str, Request, float], Response]  # account, request, seconds that the caller waits


def address(account: str) -> str:
    """Where the wire finds the platform of an account."""
    return f"http://{account}.drill"


class Wire(BaseAdapter):
    """`deliver` raises what requests would."""

    def __init__(self, deliver: Deliver) -> None:
        super().__init__()
        self._deliver = deliver

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002
        timeout: Any = None,
        verify: bool | str = True,  # noqa: ARG002
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        parts = urlsplit(str(request.url))
        account = (parts.hostname or "").removesuffix(".drill")
        asked = Request(
            str(request.method),
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): str(value) for name, value in request.headers.items()} | {"host": parts.netloc},
            _body(request.body),
        )
        return _answer(request, self._deliver(account, asked, timeout[1]))

    def close(self) -> None:
        """Nothing is kept open."""


def _body(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""


def _answer(request: requests.PreparedRequest, response: Response) -> requests.Response:
    answer = requests.Response()
    answer.request, answer.url = request, str(request.url)
    answer.status_code = response.status
    answer.headers = CaseInsensitiveDict({"Content-Type": response.media_type})
    answer.raw = io.BytesIO(response.body)
    return answer
