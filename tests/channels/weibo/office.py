"""What a publicity office brings: posts, memories, an account."""

import io
import json
from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image

from channels.base import Parcel, Picture, Post, Services
from channels.emulator import Fault, FaultRule, Request
from channels.errors import Throttled, Uncertain
from channels.tokens import MemoryTokens
from channels.transport import Transport
from channels.weibo.channel import Settings, WeiboChannel
from channels.weibo.emulator import Emulator
from tests.support import StandingClock

SOURCE = "https://zwgk.yunxi.gov.example/content/2026/11/1001.html"
HASTY = 0.3  # seconds that a hasty channel waits
LATE = 0.6  # when a slow answer comes


class Memory(dict[str, str]):
    """Notes of one delivery, or of one account."""

    def put(self, name: str, value: str) -> None:
        self[name] = value


class Counted:
    """A meter that lets `limit` calls pass."""

    def __init__(self, limit: int = 1000) -> None:
        self.calls: Counter[str] = Counter()
        self.limit = limit

    def take(self, call: str, count: int = 1) -> None:
        if self.calls.total() + count > self.limit:
            raise Throttled(datetime(2026, 11, 23, 16, tzinfo=UTC))
        self.calls[call] += count


class Office:
    """An account on a served emulator; parcels of one office share what is kept for the account."""

    def __init__(self, address: str, emulator: Emulator, clock: StandingClock) -> None:
        self.address, self.emulator, self.clock = address, emulator, clock
        self.tokens, self.meter, self.uploads = MemoryTokens(), Counted(), Memory()

    def channel(self, *, seconds: float = 20.0, **changes: Any) -> WeiboChannel:
        settings = Settings(**(self.emulator.account(self.address) | {"link": ""} | changes))
        services = Services("town", self.tokens, self.meter, self.clock)
        return WeiboChannel(settings, services, Transport(self.address, total_seconds=seconds))

    def hasty_channel(self) -> WeiboChannel:
        """Gives up before a slow answer comes."""
        return self.channel(seconds=HASTY)

    def parcel(self, *posts: Post, key: str = "a" * 32) -> Parcel:
        return Parcel(key, posts or (a_post(),), Memory(), self.uploads)

    def lose(self, parcel: Parcel, fault: Fault) -> None:
        """Publish, lose the answer by a fault, and the first look too."""
        channel = self.hasty_channel() if "slow" in fault else self.channel()
        self.emulator.faults.append(FaultRule(fault, times=1, seconds=LATE))
        self.emulator.faults.append(FaultRule(Fault.DROP_BEFORE, "user_timeline", times=1))
        with pytest.raises(Uncertain):
            channel.publish(parcel)

    def out(self) -> list[str]:
        """Texts of all posts that were ever out."""
        return [shown.text for shown in self.emulator.shown()]

    def post_by_hand(self, text: str) -> str:
        """Somebody posts in the platform's own app; gives the post's number."""
        answer = call(self.emulator, "POST", "/2/statuses/share.json", status=text, rip="127.0.0.1")
        return str(answer["idstr"])


def call(emulator: Emulator, method: str, path: str, **params: str) -> Any:
    """The answer to one call of an app with the account's token; `params` go where the method wants them."""
    given = {"access_token": emulator.platform.terms.access_token} | params
    return json.loads(emulator.handle(request(method, path, given)).body)


def request(method: str, path: str, params: dict[str, str]) -> Request:
    if method == "GET":
        return Request("GET", path, query=params)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Request(method, path, headers=headers, body=urlencode(params).encode())


def a_post(title: str = "关于冬季道路养护的通告", **changes: Any) -> Post:
    content = {
        "html": "<p>全文见政务公开网。</p>",
        "text": "全文见政务公开网。",
        "digest": "云溪镇将于11月25日起对镇区道路进行冬季养护。请过往车辆绕行。",
        "source": SOURCE,
    }
    return Post(title=title, **(content | changes))


def a_picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), name: str = "道路.png") -> Picture:
    return Picture(name, f"image/{kind.lower()}", encoded(Image.new("RGB", size, "teal"), kind))


def a_noisy_picture(side: int) -> Picture:
    """Noise does not compress: about three bytes for each point as PNG."""
    noise = Image.frombytes("RGB", (side, side), Random(7).randbytes(side * side * 3))
    return Picture("噪点.png", "image/png", encoded(noise, "PNG"))


def encoded(image: Image.Image, kind: str) -> bytes:
    kept = io.BytesIO()
    image.save(kept, kind)
    return kept.getvalue()
