"""The emulator as a whole: its parts, the way of a call through them, and the control addresses.

Control addresses beside those of every kind; a body may be JSON or a form:

    POST /_emulator/message    {"openid"?, "type"?: "text", "content": ...} a follower writes
    POST /_emulator/event      {"openid"?, "event": "CLICK", "eventkey": ...} a follower acts
    POST /_emulator/comment    {"openid"?, "msg_data_id", "index"?: from 0, "content"}
    POST /_emulator/confirm    {"msg_id", "allow": true} the administrator's word on a protected broadcast
    POST /_emulator/verdict    {"job": "publish" | "broadcast", "status", "fail_idx"?} how the next job ends
    POST /_emulator/verify     ask the callback to prove itself with echostr
    GET  /_emulator/verify     {"asked", "proved"}
    GET  /_emulator/chat       what a follower sees; ?openid=
    GET  /_emulator/followers  their openids
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from channels import emulator
from channels.emulator import Outgoing, Request, Response, Shown
from channels.wechat.emulator.articles import Editor
from channels.wechat.emulator.broadcasts import AccountType, Broadcasts, Rules
from channels.wechat.emulator.calls import Call, Route, Routes
from channels.wechat.emulator.chat import Chat, Contacts
from channels.wechat.emulator.comments import Comments
from channels.wechat.emulator.crypto import Seal
from channels.wechat.emulator.drafts import DraftBox
from channels.wechat.emulator.errors import Refusal
from channels.wechat.emulator.filtering import Places
from channels.wechat.emulator.followers import Followers
from channels.wechat.emulator.ids import Ids
from channels.wechat.emulator.letters import ABOUT, Letters
from channels.wechat.emulator.mass import Mass
from channels.wechat.emulator.media import Library
from channels.wechat.emulator.menu import Menu
from channels.wechat.emulator.messages import Messages
from channels.wechat.emulator.phone import Pages
from channels.wechat.emulator.publishing import Publishing
from channels.wechat.emulator.push import Callback, Form, Mode, Postman
from channels.wechat.emulator.quotas import Quotas
from channels.wechat.emulator.repeats import Repeats
from channels.wechat.emulator.shelf import Shelf
from channels.wechat.emulator.tokens import Tokens
from channels.wechat.emulator.tools import PREFIX, Tools
from channels.wechat.emulator.verdicts import Verdict, Verdicts

TITLE = "云溪发布"
JSON = "application/json; encoding=utf-8"
# these answers come without a word about their encoding
BARE = {
    "draft/get",
    "draft/batchget",
    "freepublish/getarticle",
    "freepublish/batchget",
    "material/batchget_material",
}
RETIRED = {"material/add_news": 45106, "material/update_news": 45106, "media/uploadnews": 45106}


class Emulator(emulator.Emulator):
    """The platform with one account. What is left empty is made up, the same for the same seed.

    `quotas` overrides calls a day by path ("freepublish/submit"); `originals` are titles that others declared
    original, with whether they may be reprinted; `finish_seconds` is how long a job runs after it was taken.
    """

    kind: ClassVar[str] = "wechat"
    modes: ClassVar[Mapping[str, Mapping[str, str]]] = {"publish": {}, "broadcast": {"mode": "broadcast"}}
    acts: ClassVar[tuple[str, ...]] = ("/cgi-bin/freepublish/submit", "/cgi-bin/message/mass/sendall")
    moods: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "slow": {"finish_seconds": 400.0},
        "scarce": {"quotas": {"draft/add": 2, "draft/get": 3, "freepublish/submit": 1, "freepublish/get": 2}},
    }
    refusals: ClassVar[Mapping[str, int]] = {
        "busy": -1,
        "token_revoked": 40001,
        "token_expired": 42001,
        "used_up": 45009,
        "no_right": 48001,
        "address": 40164,
    }

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] | None = None,
        callback: str = "",
        seed: int = 1,
        push: Callable[[str, Outgoing], bytes | None] | None = None,
        title: str = TITLE,
        appid: str = "",
        secret: str = "",
        token: str = "",
        aes_key: str | None = None,
        mode: Mode = "safe",
        push_format: Form = "xml",
        account: AccountType = "subscription",
        verified: bool = True,
        allowed_ips: frozenset[str] = frozenset(),
        followers: int = 3,
        broadcast_protection: bool = False,
        finish_seconds: float = 0.2,
        quotas: Mapping[str, int] | None = None,
        originals: Mapping[str, bool] | None = None,
        short_ids: bool = True,
        publish_event: Literal["PUBLISHJOBFINISH", "FREEPUBLISHJOBFINISH"] = "PUBLISHJOBFINISH",
    ) -> None:
        super().__init__(clock=clock, callback=callback, seed=seed, push=push)
        self._ids = ids = Ids(seed)
        self.title = title
        self.appid = appid or f"wx{ids.hex(16)}"
        self.secret = secret or ids.hex(32)
        self.token = token or ids.hex(24)
        self.aes_key = ids.hex(43) if aes_key is None else aes_key
        self.account_type = account
        self.verified = verified
        self.verdicts = Verdicts()
        self.checks: dict[str, bool] = {}  # echostr -> whether the callback gave it back
        runs_for = timedelta(seconds=finish_seconds)
        seal = Seal(self.aes_key, self.appid, ids) if self.aes_key else None
        self._postman = Postman(Callback(self.token, mode, push_format, seal), ids, self.push_later)
        self._tokens = Tokens(self.appid, self.secret, allowed_ips, ids)
        self._quotas = Quotas(quotas or {})
        self._tools = Tools(self.appid, self._quotas, self._tokens)
        self._library = Library(ids)
        self._shelf = Shelf(ids)
        self._chat, self._contacts = Chat(), Contacts()
        self.followers = Followers(followers, ids, self.now)
        places = Places(self._library.knows, self._shelf.links)
        self._box = DraftBox(Editor(self._library, places, self._shelf.leads_to_nothing, verified), ids)
        self._publishing = Publishing(
            self._box, self._shelf, self._postman, ids, self.verdicts, runs_for, publish_event
        )
        self._broadcasts = Broadcasts(
            Rules(account, runs_for, broadcast_protection, originals or {}),
            self.followers,
            self._shelf,
            self._chat,
            self._postman,
            ids,
            self.verdicts,
        )
        self._mass = Mass(
            self._box,
            self._library,
            self.followers,
            self._broadcasts,
            Repeats(short_ids=short_ids),
            self._chat,
        )
        self._messages = Messages(
            self.followers, self._library, self._box, self._publishing, self._chat, self._contacts
        )
        self._menu = Menu(self._library.has_permanent, self._publishing.has)
        self._comments = Comments(self._shelf, ids)
        self._letters = Letters(self._postman, self.followers, self._library, self._chat, self._contacts, ids)
        self._pages = Pages(title, self._shelf, self._box, self._library, self._chat, self._menu)
        self._routes = self.routes()
        self._tools.paths.update(self._routes)

    # The platform's own paths

    def answer(self, request: Request) -> Response:
        self._settle()
        if not request.path.startswith(PREFIX):
            return self._pages.answer(request)
        path = request.path.removeprefix(PREFIX)
        call = Call(request, self.now, _base(request))
        try:
            content = self._handled(path, call)
        except Refusal as refusal:
            return self._refused(refusal, call)
        if isinstance(content, Response):
            return content
        return _json(content, "text/plain" if path in BARE else JSON)

    def error(self, code: int) -> Response:
        return _json(Refusal(code).body(self._ids.rid()))

    def shown(self) -> list[Shown]:
        with self.lock:
            self._settle()
            return [piece.shown() for piece in self._shelf.pieces.values()]

    def account(self, base_url: str) -> dict[str, str]:
        return {
            "kind": self.kind,
            "title": self.title,
            "base_url": base_url,
            "appid": self.appid,
            "secret": self.secret,
            "token": self.token,
            "aes_key": self.aes_key,
            "account_type": self.account_type,
            "mode": "publish",
        }

    def phone(self) -> str:
        with self.lock:
            self._settle()
            return self._pages.phone(self._first_follower())

    def tick(self) -> int:
        with self.lock:
            self._settle()
        return super().tick()

    def replied(self, push: Outgoing, answer: bytes | None) -> None:
        kind, _, rest = push.about.partition(":")
        if kind == ABOUT:
            self._letters.replied(push.about, answer, self.now)
        elif kind == "echo":
            self.checks[rest] = answer == rest.encode()

    # The way of a call

    def routes(self) -> Routes:
        parts = (
            self._tokens,
            self._tools,
            self._library,
            self._box,
            self._publishing,
            self._mass,
            self._messages,
            self._menu,
            self._comments,
            self.followers,
        )
        return {path: route for part in parts for path, route in part.routes().items()}

    def _handled(self, path: str, call: Call) -> object:
        if path in RETIRED:
            raise Refusal(RETIRED[path])
        route = self._routes.get(path)
        if route is None:
            raise Refusal(40066)
        if call.request.method != route.method:
            raise Refusal(43001 if route.method == "GET" else 43002)
        if not route.open:
            self._tokens.check(call.request.query.get("access_token", ""), call.at)
            self._check_right(route)
        self._quotas.take(path, call.at)
        return route.handler(call)

    def _check_right(self, route: Route) -> None:
        if route.verified and not self.verified:
            raise Refusal(48001)
        if route.service and self.account_type != "service":
            raise Refusal(48001)

    def _refused(self, refusal: Refusal, call: Call) -> Response:
        rid = self._ids.rid()
        body = refusal.body(rid)
        self._tools.failed(rid, call, body)
        return _json(body)

    def _settle(self) -> None:
        self._publishing.settle(self.now)
        self._broadcasts.settle(self.now)

    # Control addresses

    def control(self, request: Request) -> Response | None:
        handlers: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("POST", "message"): self._write,
            ("POST", "event"): self._act,
            ("POST", "comment"): self._comment,
            ("POST", "confirm"): self._confirm,
            ("POST", "verdict"): self._decide,
            ("POST", "verify"): self._verify,
            ("GET", "verify"): self._verified,
            ("GET", "chat"): self._read_chat,
            ("GET", "followers"): self._list_followers,
        }
        handler = handlers.get((request.method, request.path.removeprefix("/_emulator/")))
        return handler(request) if handler else None

    def _write(self, request: Request) -> Response:
        fields = _fields(request)
        openid = str(fields.pop("openid", "") or self._first_follower())
        msg_id = self._letters.write(openid, str(fields.pop("type", "text")), fields, self.now)
        return _done(request, {"openid": openid, "msg_id": msg_id})

    def _act(self, request: Request) -> Response:
        fields = _fields(request)
        openid = str(fields.pop("openid", "") or self._first_follower())
        self._letters.act(openid, str(fields.pop("event")), fields, self.now)
        return _done(request, {"openid": openid})

    def _comment(self, request: Request) -> Response:
        fields = _fields(request)
        openid = str(fields.get("openid", "") or self._first_follower())
        id_ = self._comments.write(
            int(str(fields["msg_data_id"])),
            int(str(fields.get("index", 0))),
            openid,
            str(fields["content"]),
            self.now,
        )
        return _done(request, {"user_comment_id": id_})

    def _confirm(self, request: Request) -> Response:
        fields = request.json()
        self._broadcasts.confirm(int(fields["msg_id"]), allowed=fields["allow"] is True, at=self.now)
        return Response.of({"ok": True})

    def _decide(self, request: Request) -> Response:
        fields = request.json()
        if fields["job"] not in {"publish", "broadcast"}:
            raise ValueError(fields["job"])
        fail_idx = tuple(int(idx) for idx in fields.get("fail_idx", []))
        self.verdicts.waiting.append(Verdict(fields["job"], str(fields["status"]), fail_idx))
        return Response.of({"ok": True})

    def _verify(self, request: Request) -> Response:  # noqa: ARG002 - a call without arguments
        return Response.of({"echostr": self._postman.check_address(self.now)})

    def _verified(self, request: Request) -> Response:  # noqa: ARG002 - a call without arguments
        return Response.of({"asked": len(self.checks), "proved": sum(self.checks.values())})

    def _read_chat(self, request: Request) -> Response:
        self._settle()
        openid = request.query.get("openid") or self._first_follower()
        return Response.of([line.told() for line in self._chat.seen_by(openid)])

    def _list_followers(self, request: Request) -> Response:  # noqa: ARG002 - a call without arguments
        return Response.of([follower.openid for follower in self.followers.present()])

    def _first_follower(self) -> str:
        return next((follower.openid for follower in self.followers.present()), "")


def _base(request: Request) -> str:
    return f"http://{request.headers.get('host', '127.0.0.1')}"


def _json(content: object, media_type: str = JSON) -> Response:
    return Response(json.dumps(content, ensure_ascii=False).encode(), media_type=media_type)


def _fields(request: Request) -> dict[str, object]:
    form, _ = request.form()
    fields = dict(form) if form else request.json()
    if not isinstance(fields, dict):
        raise ValueError("a JSON object is wanted")
    return fields


def _done(request: Request, content: object) -> Response:
    """Back to the page for a form, an answer for a program."""
    return Response.redirect("/") if request.form()[0] else Response.of(content)
