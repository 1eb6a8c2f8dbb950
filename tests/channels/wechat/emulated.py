"""The emulated platform, called without a socket and with a clock that stands still until it is moved."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from PIL import Image

from channels.emulator import Outgoing, Request, Response
from channels.wechat.emulator import Emulator

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # a Monday, noon in Beijing
HOOK = "http://127.0.0.1/hook"


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 383), color: str = "navy") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, kind)
    return buffer.getvalue()


PNG = picture()
JPEG = picture("JPEG")


class Platform:
    """An account with its token; `pushed` is what the callback was sent, `reply` what it answers."""

    def __init__(self, **options: Any) -> None:
        self.now = NOON
        self.pushed: list[Outgoing] = []
        self.reply: bytes | None = b"success"
        self.emulator = Emulator(clock=lambda: self.now, callback=HOOK, push=self._take, **options)
        self.sign_in()

    def _take(self, address: str, push: Outgoing) -> bytes | None:
        self.pushed.append(push)
        return self.reply

    def sign_in(self) -> None:
        self.token: str = self.fetch()["access_token"]

    def fetch(self, **query: str) -> Any:
        known = {
            "grant_type": "client_credential",
            "appid": self.emulator.appid,
            "secret": self.emulator.secret,
        }
        return self.get("token", **(known | query))

    def stable(self, **fields: Any) -> Any:
        known = {
            "grant_type": "client_credential",
            "appid": self.emulator.appid,
            "secret": self.emulator.secret,
        }
        return self.post("stable_token", known | fields)

    def get(self, path: str, **query: str) -> Any:
        return self.call("GET", path, query).json()

    def post(self, path: str, fields: Any = None, **query: str) -> Any:
        return self.raw(path, json.dumps(fields or {}, ensure_ascii=False).encode(), **query)

    def raw(self, path: str, body: bytes, **query: str) -> Any:
        return self.call("POST", path, query, body).json()

    def upload(
        self,
        path: str,
        content: bytes,
        *,
        fields: dict[str, str] | None = None,
        name: str = "media",
        **query: str,
    ) -> Any:
        made = requests.Request("POST", "http://x", data=fields, files={name: ("a.bin", content)}).prepare()
        assert isinstance(made.body, bytes)
        headers = {"content-type": made.headers["Content-Type"]}
        return self.call("POST", path, query, made.body, headers).json()

    def call(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        caller: str = "127.0.0.1",
    ) -> "Answer":
        token = {} if path in {"token", "stable_token"} else {"access_token": getattr(self, "token", "")}
        headers = {"host": "127.0.0.1:8800"} | (headers or {})
        request = Request(method, f"/cgi-bin/{path}", token | (query or {}), headers, body, caller)
        return Answer(self.emulator.handle(request))

    def control(self, name: str, fields: Any) -> Any:
        request = Request("POST", f"/_emulator/{name}", body=json.dumps(fields).encode())
        return Answer(self.emulator.handle(request)).json()

    def page(self, path: str) -> Response:
        address, _, query = path.removeprefix("http://127.0.0.1:8800").partition("?")
        pairs = dict(pair.split("=", 1) for pair in query.split("&") if pair)
        return self.emulator.handle(Request("GET", address, pairs))

    def later(self, **length: float) -> None:
        self.now += timedelta(**length)

    def cover(self, size: tuple[int, int] = (900, 383)) -> str:
        media_id: str = self.upload("material/add_material", picture(size=size), type="image")["media_id"]
        return media_id

    def add(self, *articles: dict[str, Any], **fields: Any) -> Any:
        cover = self.cover()
        listed = [article(cover, **each) for each in articles or ({},)]
        return self.post("draft/add", {"articles": [each | fields for each in listed]})

    def draft(self, *articles: dict[str, Any], **fields: Any) -> str:
        media_id: str = self.add(*articles, **fields)["media_id"]
        return media_id

    def read(self, media_id: str, index: int = 0) -> Any:
        return self.post("draft/get", {"media_id": media_id})["news_item"][index]

    def publish(self, media_id: str) -> Any:
        """The finished job, as freepublish/get tells it."""
        taken = self.post("freepublish/submit", {"media_id": media_id})
        self.later(seconds=1)
        return self.post("freepublish/get", {"publish_id": taken["publish_id"]}) | {
            "msg_data_id": taken["msg_data_id"]
        }

    def openids(self) -> list[str]:
        return [follower.openid for follower in self.emulator.followers.present()]

    def deliver(self) -> list[Outgoing]:
        """What reaches the callback now."""
        before = len(self.pushed)
        self.emulator.tick()
        return self.pushed[before:]


class Answer:
    def __init__(self, response: Response) -> None:
        self.response = response

    def json(self) -> Any:
        assert self.response.status == 200
        return json.loads(self.response.body)


def article(cover: str, **fields: Any) -> dict[str, Any]:
    known = {"title": "关于开展便民服务的通告", "content": "<p>正文第一段。</p>", "thumb_media_id": cover}
    return known | fields
