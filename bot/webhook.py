"""The platforms' pushes: a raw ASGI function, since nothing may stand between a push and its answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import structlog
from sqlalchemy import Engine

from channels.base import Channel, Finished, Forbidden, Push, Received
from scheduler import ledger
from scheduler.delivery import Terms

log = structlog.get_logger(__name__)

PREFIX = "/hook/"
MAX_BODY = 1024 * 1024

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Webhook:
    """`/hook/<account>`: checks the signature, keeps what was said, then answers."""

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        *,
        clock: Callable[[], datetime],
        terms: Terms,
    ) -> None:
        self._engine, self._channels, self._clock, self._terms = engine, channels, clock, terms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        account = scope["path"].removeprefix(PREFIX)
        channel = self._channels.get(account)
        if channel is None:
            return await _answer(send, 404, b"no such account")
        if scope["method"] not in ("GET", "POST"):
            return await _answer(send, 405, b"GET or POST")
        body = await _read(receive)
        if body is None:
            return await _answer(send, 413, b"too large")
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        try:
            received = channel.receive(Push(scope["method"], query, body))
        except Forbidden:
            log.warning("push refused", account=account)
            return await _answer(send, 403, b"forbidden")
        if received.finished is not None:
            await asyncio.to_thread(self._finish, account, received.finished)
        return await _answer(send, 200, received.answer, _media_type(received))

    def _finish(self, account: str, finished: Finished) -> None:
        matched = ledger.finish(self._engine, account, finished, self._clock(), self._terms)
        log.info("finished", account=account, reference=finished.reference, matched=matched)


async def _read(receive: Receive) -> bytes | None:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body"):
            return body


async def _answer(send: Send, status: int, body: bytes, media_type: bytes = b"text/plain") -> None:
    headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _media_type(received: Received) -> bytes:
    return received.media_type.encode("latin-1")
