"""What keeps a broadcast from going out twice: the caller's own id, or else a digest of range and content."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.wechat.emulator.calls import Fields, read_text
from channels.wechat.emulator.errors import Refusal

REMEMBERED = timedelta(hours=24)
TOO_SOON = timedelta(minutes=1)
DOCUMENTED_SIZE = 64  # bytes
REPORTED_SIZE = 32  # a 36-byte uuid was refused


@dataclass(frozen=True)
class Sent:
    msg_id: int
    at: datetime


class Repeats:
    def __init__(self, *, short_ids: bool) -> None:
        self._size = REPORTED_SIZE if short_ids else DOCUMENTED_SIZE
        self._sent: dict[str, Sent] = {}

    def read_id(self, fields: Fields) -> str:
        given = read_text(fields, "clientmsgid")
        if len(given.encode()) > self._size:
            raise Refusal(45067)
        return given

    def check(self, key: str, at: datetime, *, given: bool) -> None:
        """Refuses what went out in the last 24 hours; an id of the caller's own waits a minute first."""
        sent = self._sent.get(key)
        if sent is None or at - sent.at >= REMEMBERED:
            return
        if given and at - sent.at < TOO_SOON:
            raise Refusal(45066)
        raise Refusal(45065, msg_id=sent.msg_id)

    def remember(self, key: str, msg_id: int, at: datetime) -> None:
        self._sent[key] = Sent(msg_id, at)
