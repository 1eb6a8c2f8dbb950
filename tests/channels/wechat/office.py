"""What a publicity office brings: posts, memories, an account, and a callback that keeps what it is sent."""

from collections import Counter
from typing import Any

from pydantic import SecretStr

from channels.base import Parcel, Post, Push, Services
from channels.emulator import Fault, FaultRule, Outgoing, Shown
from channels.tokens import MemoryTokens
from channels.transport import Transport
from channels.wechat.channel import Settings, WeChatChannel
from channels.wechat.client import Client
from channels.wechat.emulator import Emulator
from tests.channels.wechat.drawing import picture
from tests.support import StandingClock

SUBMITS = {"publish": "freepublish/submit", "broadcast": "mass/sendall"}
HASTY = 0.3  # seconds that a hasty channel waits
LATE = 0.6  # when a slow answer comes


class Memory(dict[str, str]):
    """Notes of one delivery, or of one account."""

    def put(self, name: str, value: str) -> None:
        self[name] = value


class CountingMeter:
    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def take(self, call: str, count: int = 1) -> None:
        self.calls[call] += count


class Office:
    """An account on a served emulator; parcels of one office share what is kept for the account."""

    def __init__(self, address: str, emulator: Emulator, clock: StandingClock) -> None:
        self.address, self.emulator, self.clock = address, emulator, clock
        self.tokens, self.meter, self.uploads = MemoryTokens(), CountingMeter(), Memory()
        self.services = Services("town", self.tokens, self.meter, clock)
        transport = Transport(address)
        self.by_hand = Client(
            emulator.appid, SecretStr(emulator.secret), transport, self.services, "subscription"
        )

    def channel(self, *, seconds: float = 20.0, **changes: Any) -> WeChatChannel:
        settings = Settings(**(self.emulator.account(self.address) | changes))
        return WeChatChannel(settings, self.services, Transport(self.address, total_seconds=seconds))

    def parcel(self, *posts: Post, key: str = "a" * 32) -> Parcel:
        return Parcel(key, posts or (a_post(),), Memory(), self.uploads)

    def fault(self, fault: Fault, path: str, times: int | None = 1, code: int = -1) -> None:
        self.emulator.faults.append(FaultRule(fault, path, times, code=code, seconds=LATE))

    def hasty(self, mode: str) -> WeChatChannel:
        """Gives up before a slow answer comes."""
        return self.channel(mode=mode, seconds=HASTY)

    def finish(self) -> None:
        """Let the jobs that run come to their end."""
        self.clock.forward(seconds=5)

    def out(self) -> list[str]:
        return [shown.title for shown in self.shown() if not shown.withdrawn]

    def shown(self) -> list[Shown]:
        return self.emulator.shown()

    def drafts(self) -> int:
        return int(self.by_hand.draft.count()["total_count"])


class Hook:
    """A callback that only keeps what it was sent."""

    def __init__(self) -> None:
        self.pushes: list[Push] = []

    def __call__(self, _address: str, push: Outgoing) -> bytes:
        self.pushes.append(Push(push.method, push.query, push.body))
        return b"success"


def a_post(title: str = "关于冬季道路养护的通告", **changes: Any) -> Post:
    given: dict[str, Any] = {
        "html": f"<p>{title}。请过往车辆绕行。</p>",
        "text": f"{title}。请过往车辆绕行。",
        "digest": "请过往车辆绕行。",
        "author": "云溪镇",
        "source": "https://zwgk.yunxi.gov.example/content/2026/11/1001.html",
    }
    return Post(title=title, **(given | changes))


def an_illustrated_post(*forms: str) -> Post:
    shown = tuple(picture(form, size=(60 + nth, 40)) for nth, form in enumerate(forms))
    images = "".join(f'<p><img src="picture:{each.sha256}"></p>' for each in shown)
    return a_post(html=f"<p>见图。</p>{images}", pictures=shown, cover=picture("JPEG", size=(900, 383)))
