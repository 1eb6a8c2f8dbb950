"""What the platforms' emulators share: requests, faults on demand, pushes to the callback, the ASGI shell.

An emulator plays a platform by its documented rules and is reached by an address and nothing else. Its heart,
`Emulator.handle`, is a plain function of a request and the clock, so a test with a virtual clock can call it
without a socket; `__call__` makes the same thing an ASGI application.

Control addresses, below `/_emulator` and the same for every kind:

    GET    /_emulator/posts     what followers see, oldest first: a list of Shown
    GET    /_emulator/calls     how often each path was called
    GET    /_emulator/account   what goes into the configuration of an account that uses this emulator
    PUT    /_emulator/callback  {"address": "http://127.0.0.1:8080/hook/town"}
    POST   /_emulator/faults    a FaultRule as JSON; DELETE clears them all
    GET    /                    the phone page: what a follower sees

A kind may add control addresses of its own by `control`.
"""

import asyncio
import contextlib
import io
import json
import logging
import random
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_form

MAX_BODY = 16 * 1024 * 1024
PUSH_TRIES = 3
PUSH_SECONDS = 5.0
TICK_SECONDS = 0.02

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class File:
    """One file of a multipart request."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""
    caller: str = "127.0.0.1"

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body.decode("utf-8"))

    def form(self) -> tuple[dict[str, str], dict[str, File]]:
        """Fields and files of a url-encoded or multipart body; nothing for any other."""
        kind = self.headers.get("content-type", "")
        if kind.startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(self.body.decode("utf-8"), keep_blank_values=True)), {}
        if not kind.startswith("multipart/form-data"):
            return {}, {}
        return _multipart(self.headers, self.body)


@dataclass(frozen=True)
class Response:
    """`seconds` is how late the answer comes; `dropped` cuts the connection instead of answering."""

    body: bytes = b""
    status: int = 200
    media_type: str = "application/json"
    seconds: float = 0.0
    dropped: bool = False
    location: str = ""  # where a redirect leads

    @classmethod
    def of(cls, content: object, status: int = 200) -> "Response":
        return cls(json.dumps(content, ensure_ascii=False).encode(), status)

    @classmethod
    def redirect(cls, location: str) -> "Response":
        return cls(status=303, media_type="text/plain", location=location)


class Fault(StrEnum):
    """What may go wrong on one call. BEFORE: nothing was done. AFTER: it was done, the answer is spoilt."""

    SLOW_BEFORE = "slow_before"
    SLOW_AFTER = "slow_after"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    ERRCODE = "errcode"
    HTML_BEFORE = "html_before"
    HTML_AFTER = "html_after"
    HTTP_500_BEFORE = "http_500_before"
    HTTP_500_AFTER = "http_500_after"
    EVENT_LOST = "event_lost"
    EVENT_REPEATED = "event_repeated"
    CLOCK_SKEW = "clock_skew"


EVENT_FAULTS = {Fault.EVENT_LOST, Fault.EVENT_REPEATED}
ACTED = {Fault.SLOW_AFTER, Fault.DROP_AFTER, Fault.HTML_AFTER, Fault.HTTP_500_AFTER}
HTML_PAGE = "<!DOCTYPE html><html><head><title>501 Not Implemented</title></head><body>firewall</body></html>"


@dataclass
class FaultRule:
    """A fault for the calls whose path contains `path`, `times` times (None: always), for `share` of them.

    `code` is the errcode of ERRCODE; `seconds` the lateness of SLOW_* and the skew of CLOCK_SKEW.
    """

    fault: Fault
    path: str = ""
    times: int | None = None
    share: float = 1.0
    code: int = -1
    seconds: float = 30.0


@dataclass(frozen=True)
class Shown:
    """One thing followers can see. `act` is the platform's id of the act that put it there."""

    id: str
    act: str
    kind: str
    title: str
    text: str
    address: str
    at: str
    pictures: int = 0
    withdrawn: bool = False


@dataclass(frozen=True)
class Outgoing:
    """A push to our callback, due at `at`; `query` carries the signature, `about` names its cause."""

    at: datetime
    query: dict[str, str]
    body: bytes
    media_type: str
    tries: int = 0
    method: str = "POST"
    about: str = ""


class Emulator:
    """Base of the platforms' emulators; a subclass says `answer`, `error`, `shown`, `account`, `phone`.

    `push` sends one Outgoing and hands back the body of a good answer, or None.
    """

    kind: ClassVar[str]
    modes: ClassVar[Mapping[str, Mapping[str, str]]] = {}  # ways to publish: the settings that choose each
    acts: ClassVar[tuple[str, ...]] = ()  # paths of the calls that put something out
    moods: ClassVar[Mapping[str, Mapping[str, Any]]] = {}  # other manners: the options that make each
    refusals: ClassVar[Mapping[str, int]] = {}  # error codes that any call may meet, by what they say

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] | None = None,
        callback: str = "",
        seed: int = 1,
        push: Callable[[str, Outgoing], bytes | None] | None = None,
    ) -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self.callback = callback
        self.random = random.Random(seed)  # noqa: S311 - replayable faults, no secret
        self.faults: list[FaultRule] = []
        self.calls: Counter[str] = Counter()
        self.outgoing: list[Outgoing] = []
        self.lock = threading.RLock()
        self._push = push or post_push

    # What a subclass says

    def answer(self, request: Request) -> Response:
        """The platform's own paths."""
        raise LookupError(request.path)

    def error(self, code: int) -> Response:
        """An error answer in the platform's own form."""
        return Response.of({"errcode": code})

    def shown(self) -> list[Shown]:
        return []

    def account(self, base_url: str) -> dict[str, str]:
        """Settings of an account that uses this emulator, secrets in clear: they are worth nothing."""
        return {"kind": self.kind, "base_url": base_url}

    def phone(self) -> str:
        """The HTML page that shows what a follower sees."""
        return ""

    def control(self, request: Request) -> Response | None:  # noqa: ARG002 - for the kinds that have some
        """Control addresses of this kind alone; None for any other. ValueError, KeyError: a bad request."""
        return None

    def replied(self, push: Outgoing, answer: bytes | None) -> None:
        """The callback answered a push; None: it did not, at any of the three tries."""

    # Time, requests, pushes

    @property
    def now(self) -> datetime:
        """The platform's clock in UTC, which a fault may set wrong."""
        skew = sum(rule.seconds for rule in self.faults if rule.fault is Fault.CLOCK_SKEW)
        return self._clock() + timedelta(seconds=skew)

    def handle(self, request: Request) -> Response:
        """One request, with the fault that a rule asks for. Thread-safe."""
        with self.lock:
            if request.path == "/" or request.path.startswith("/_emulator"):
                return self._control(request)
            self.calls[request.path] += 1
            rule = self._rule_for(request.path)
            if rule is None:
                return self.answer(request)
            if rule.fault not in ACTED:
                return self._spoilt(rule, self.error(rule.code))
            return self._spoilt(rule, self.answer(request))

    def push_later(
        self,
        query: dict[str, str],
        body: bytes,
        media_type: str,
        at: datetime,
        *,
        method: str = "POST",
        about: str = "",
    ) -> None:
        """Queue a push for the callback; an event fault may lose or repeat it."""
        push = Outgoing(at, query, body, media_type, method=method, about=about)
        times = 1
        rule = next((r for r in self.faults if r.fault in EVENT_FAULTS and self._applies(r)), None)
        if rule is not None:
            times = 0 if rule.fault is Fault.EVENT_LOST else 2
        self.outgoing += [push] * times

    def tick(self) -> int:
        """Send the pushes that are due; what is not answered in time is pushed again, three tries in all."""
        with self.lock:
            due = [push for push in self.outgoing if push.at <= self.now and self.callback]
            self.outgoing = [push for push in self.outgoing if push not in due]
        for push in due:
            self._push_once(push)
        return len(due)

    def _push_once(self, push: Outgoing) -> None:
        answer = self._push(self.callback, push)
        with self.lock:
            if answer is None and push.tries + 1 < PUSH_TRIES:
                again = replace(push, at=self.now + timedelta(seconds=1), tries=push.tries + 1)
                self.outgoing.append(again)
            else:
                self.replied(push, answer)

    def _rule_for(self, path: str) -> FaultRule | None:
        for rule in self.faults:
            if rule.fault in EVENT_FAULTS or rule.fault is Fault.CLOCK_SKEW or rule.path not in path:
                continue
            if self._applies(rule):
                return rule
        return None

    def _applies(self, rule: FaultRule) -> bool:
        if rule.times == 0 or self.random.random() >= rule.share:
            return False
        if rule.times is not None:
            rule.times -= 1
        return True

    def _spoilt(self, rule: FaultRule, answer: Response) -> Response:
        match rule.fault:
            case Fault.SLOW_BEFORE | Fault.SLOW_AFTER:
                return Response(answer.body, answer.status, answer.media_type, seconds=rule.seconds)
            case Fault.DROP_BEFORE | Fault.DROP_AFTER:
                return Response(dropped=True)
            case Fault.HTML_BEFORE | Fault.HTML_AFTER:
                return Response(HTML_PAGE.encode(), 200, "text/html")
            case Fault.HTTP_500_BEFORE | Fault.HTTP_500_AFTER:
                return Response(HTML_PAGE.encode(), 502, "text/html")
            case _:
                return answer

    def _control(self, request: Request) -> Response:
        try:
            return self.control(request) or self._shared_control(request)
        except (ValueError, KeyError, TypeError) as error:
            return Response.of({"error": f"{type(error).__name__}: {error}"}, 400)

    def _shared_control(self, request: Request) -> Response:
        match request.method, request.path:
            case "GET", "/":
                return Response(self.phone().encode(), media_type="text/html; charset=utf-8")
            case "GET", "/_emulator/posts":
                return Response.of([asdict(shown) for shown in self.shown()])
            case "GET", "/_emulator/calls":
                return Response.of(dict(self.calls))
            case "GET", "/_emulator/account":
                return Response.of(self.account(f"http://{request.headers.get('host', '127.0.0.1')}"))
            case "PUT", "/_emulator/callback":
                self.callback = str(request.json()["address"])
            case "POST", "/_emulator/faults":
                rule = request.json()
                self.faults.append(FaultRule(Fault(rule.pop("fault")), **rule))
            case "DELETE", "/_emulator/faults":
                self.faults.clear()
            case _:
                return Response.of({"error": "no such address"}, 404)
        return Response.of({"ok": True})

    # The ASGI shell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        pusher = asyncio.create_task(self._push_for_ever())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        pusher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await pusher
        await send({"type": "lifespan.shutdown.complete"})

    async def _push_for_ever(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.tick)
            except Exception:
                # one push that cannot be sent must not silence all the later ones
                logger.exception("a push failed")
            await asyncio.sleep(TICK_SECONDS)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await _read_request(scope, receive)
        response = self.handle(request) if request else Response.of({"error": "too large"}, 413)
        if response.seconds:
            await asyncio.sleep(response.seconds)
        length = len(response.body) + (1 if response.dropped else 0)
        headers = [
            (b"content-type", response.media_type.encode()),
            (b"content-length", str(length).encode()),
        ]
        if response.location:
            headers.append((b"location", response.location.encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        if not response.dropped:  # an unfinished answer makes the server cut the connection
            await send({"type": "http.response.body", "body": response.body})


def post_push(address: str, push: Outgoing) -> bytes | None:
    """Send a push as the platforms do: one request, an answer within 5 seconds."""
    import requests

    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.request(
                push.method,
                address,
                params=push.query,
                data=push.body,
                headers={"Content-Type": push.media_type},
                timeout=PUSH_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException:
            return None
    return answer.content if answer.status_code == 200 else None


async def _read_request(scope: Scope, receive: Receive) -> Request | None:
    body = bytearray()
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if size <= MAX_BODY:
            body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if size > MAX_BODY:
        return None
    return Request(
        scope["method"],
        scope["path"],
        dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        bytes(body),
        (scope.get("client") or ("127.0.0.1", 0))[0],
    )


def _multipart(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], dict[str, File]]:
    fields: dict[str, str] = {}
    files: dict[str, File] = {}

    def on_field(part: Any) -> None:
        fields[part.field_name.decode()] = (part.value or b"").decode("utf-8")

    def on_file(part: Any) -> None:
        part.file_object.seek(0)
        name = (part.file_name or b"").decode("utf-8")
        files[part.field_name.decode()] = File(name, part.file_object.read(), part.content_type or "")
        part.close()

    known: dict[str, bytes] = {"Content-Type": headers["content-type"].encode("latin-1")}
    parse_form(known, io.BytesIO(body), on_field, on_file)
    return fields, files
