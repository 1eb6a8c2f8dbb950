"""How often each call may be made: a day (till midnight in Beijing) and a minute. A new account's figures."""

from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from channels.wechat.emulator.errors import Refusal

BEIJING = ZoneInfo("Asia/Shanghai")
OTHERWISE = 100_000
DAILY = {
    "token": 2000,
    "stable_token": 500_000,
    "menu/create": 1000,
    "menu/get": 10_000,
    "menu/delete": 1000,
    "media/upload": 100_000,
    "media/get": 200_000,
    "message/custom/send": 500_000,
    "message/mass/sendall": 100,
    "message/mass/send": 100,
    "message/mass/delete": 10,
    "message/mass/preview": 100,
    "user/get": 500,
    "user/info": 5_000_000,
    "user/info/updateremark": 10_000,
    "draft/add": 1000,
    "draft/get": 500,
    "draft/delete": 1000,
    "draft/update": 1000,
    "draft/count": 1000,
    "draft/batchget": 1000,
    "freepublish/submit": 100,
    "freepublish/get": 100,
    "freepublish/delete": 10,
    "freepublish/getarticle": 100,
    "freepublish/batchget": 100,
}
A_MINUTE = {
    "stable_token": 10_000,
    "message/mass/sendall": 60,
    "message/mass/send": 60,
}
MINUTE = timedelta(minutes=1)


def beijing_date(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


class Quotas:
    def __init__(self, overrides: Mapping[str, int]) -> None:
        self._daily = DAILY | dict(overrides)
        self._used: Counter[str] = Counter()
        self._recent: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._day = date.min

    def take(self, path: str, at: datetime) -> None:
        """Counts a call. Refuses the one beyond the minute's or the day's limit."""
        self._turn(at)
        if path in A_MINUTE:
            self._take_minute(path, at)
        if self._used[path] >= self.limit(path):
            raise Refusal(45009)
        self._used[path] += 1

    def limit(self, path: str) -> int:
        return self._daily.get(path, OTHERWISE)

    def used(self, path: str, at: datetime) -> int:
        self._turn(at)
        return self._used[path]

    def clear(self) -> None:
        self._used.clear()

    def _turn(self, at: datetime) -> None:
        if beijing_date(at) != self._day:
            self._day = beijing_date(at)
            self._used.clear()

    def _take_minute(self, path: str, at: datetime) -> None:
        recent = self._recent[path]
        while recent and at - recent[0] >= MINUTE:
            recent.popleft()
        if len(recent) >= A_MINUTE[path]:
            raise Refusal(45011)
        recent.append(at)
