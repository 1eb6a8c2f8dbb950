"""Weibo as an ASGI application: one account, one app, their rules and limits, and a page to look at.

Control addresses of this kind, besides the shared ones:

    POST /_emulator/message  {"text": ..., "sender": "1001"}  a fan writes a private message (form or JSON)
    POST /_emulator/comment  {"text": ..., "id": "<idstr>", "sender": "1001", "name": ...}  a comment
"""

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

import channels.emulator as base
from channels.emulator import Outgoing, Request, Response, Shown
from channels.weibo.emulator import account, articles, comments, limits, messages, oauth, page, statuses
from channels.weibo.emulator.calls import Call
from channels.weibo.emulator.platform import Platform, Status, Terms
from channels.weibo.emulator.refusals import Refusal

ROUTES = statuses.ROUTES | articles.ROUTES | comments.ROUTES | account.ROUTES | messages.ROUTES
FAN = "7400000001"
FAN_NAME = "云溪居民"
PUSH_TYPE = "application/json; charset=utf-8"


class Emulator(base.Emulator):
    """`options`: those of the shared base, and the fields of Terms by name."""

    kind: ClassVar[str] = "weibo"
    modes: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "share": {},
        "article": {"mode": "article", "cover_url": "https://yunxi.gov.example/cover.png"},
    }
    acts: ClassVar[tuple[str, ...]] = ("/2/statuses/share.json", "/proxy/article/publish.json")
    moods: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "slow": {"delay": timedelta(minutes=2)},
        "scarce": {"calls_a_day": 3},
        "careless": {"refuses_repeats": False},
    }
    refusals: ClassVar[Mapping[str, int]] = {
        "busy": 10001,
        "token_revoked": 21316,
        "token_expired": 21327,
        "used_up": 10023,
        "no_right": 10014,
        "address": 10017,
    }

    def __init__(self, **options: Any) -> None:
        known = {field.name for field in dataclasses.fields(Terms)}
        super().__init__(**{name: value for name, value in options.items() if name not in known})
        terms = Terms(**{name: value for name, value in options.items() if name in known})
        self.platform = Platform(terms, self.now)
        self._refusals = 0

    def answer(self, request: Request) -> Response:
        try:
            if request.path.startswith("/oauth2/"):
                return oauth.answer(self.platform, request, self.now)
            return Response.of(self._called(request))
        except Refusal as refusal:
            return self._refused(refusal, request.path)

    def _called(self, request: Request) -> object:
        route = ROUTES.get(request.path)
        if route is None:
            raise Refusal(10020)
        if request.method != route.method:
            raise Refusal(10021)
        fields, files = request.form()
        params = request.query | fields
        grant = self.platform.grant(_token(request, params), self.now)
        if route.counted:
            limits.count_call(self.platform, self.now)
        return route.handle(Call(self.platform, grant, params, files, self.now))

    def error(self, code: int) -> Response:
        return self._refused(Refusal(code), "")

    def _refused(self, refusal: Refusal, path: str) -> Response:
        """`error_code` is a number in one answer and text in the next, as with the real platform."""
        self._refusals += 1
        code: int | str = refusal.code if self._refusals % 2 else str(refusal.code)
        if path.startswith("/oauth2/"):
            content = {
                "error": refusal.text,
                "error_code": code,
                "error_description": refusal.text,
                "error_url": "",
            }
        else:
            content = {"request": path, "error_code": code, "error": refusal.text}
        return Response.of(content, refusal.status)

    def shown(self) -> list[Shown]:
        seen = [status for status in self.platform.statuses if status.seen_from <= self.now]
        return [self._shown(status) for status in seen]

    def _shown(self, status: Status) -> Shown:
        return Shown(
            id=str(status.number),
            act=str(status.number),
            kind=status.kind,
            title=page.title(status),
            text=status.text,
            address=status.article.address if status.article else self.platform.address(status),
            at=status.at.isoformat(),
            pictures=1 if status.picture else 0,
            withdrawn=not status.seen(self.now),
        )

    def account(self, base_url: str) -> dict[str, str]:
        own = self.platform.terms
        settings = {
            "kind": self.kind,
            "title": own.screen_name,
            "base_url": base_url,
            "appkey": own.appkey,
            "app_secret": own.app_secret,
            "access_token": own.access_token,
            "uid": own.uid,
            "safe_domain": own.safe_domain,
            "link": f"https://{own.safe_domain}/",
            "mode": own.mode,
            "rip": "127.0.0.1",
        }
        if own.mode == "article":
            settings["cover_url"] = f"https://{own.safe_domain}/cover.png"
        return settings

    def phone(self) -> str:
        return page.render(self.platform, self.now, FAN)

    def control(self, request: Request) -> Response | None:
        match request.method, request.path:
            case "POST", "/_emulator/message":
                given = _given(request)
                self.write_message(given["text"], given.get("sender", FAN))
            case "POST", "/_emulator/comment":
                given = _given(request)
                self.write_comment(
                    given["id"], given["text"], given.get("sender", FAN), given.get("name", FAN_NAME)
                )
            case "PUT", "/_emulator/callback":
                self._verify_callback()
                return None
            case _:
                return None
        return Response.redirect("/")

    def write_message(self, text: str, sender: str = FAN) -> None:
        """A fan writes to the account; the message is pushed to the callback."""
        if not text.strip():
            raise ValueError("an empty message cannot be sent")
        body = messages.receive(self.platform, sender, text.strip(), self.now)
        self.push_later(self.signature(), body, PUSH_TYPE, self.now, about=sender)

    def write_comment(self, status: str, text: str, sender: str = FAN, name: str = FAN_NAME) -> str:
        """A follower comments on a post; gives the comment's number."""
        try:
            number = self.platform.status(status, self.now).number
        except Refusal:
            raise ValueError(f"no such post: {status}") from None
        return str(comments.add(self.platform, number, sender, name, text.strip(), self.now).number)

    def signature(self) -> dict[str, str]:
        """The query that proves a push came from the platform."""
        return messages.signature(self.platform, self.random, self.now)

    def replied(self, push: Outgoing, answer: bytes | None) -> None:
        if answer and push.about:
            messages.answered(self.platform, push.about, answer, self.now)

    def _verify_callback(self) -> None:
        query = self.signature()
        echo = {"echostr": query["nonce"][::-1]}
        self.push_later(query | echo, b"", "text/plain", self.now, method="GET")


def _token(request: Request, params: dict[str, str]) -> str:
    """From the header, or from wherever the parameters are. Raises Refusal."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    token = text if scheme == "OAuth2" else params.get("access_token", "")
    if not token:
        raise Refusal(10006)
    return token


def _given(request: Request) -> dict[str, str]:
    fields = request.form()[0]
    return fields or {str(name): str(value) for name, value in request.json().items()}
