"""When may a delivery go? Pure: the account's rules, what is out already, and the time decide."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Rules:
    """What an account keeps to. Times of day are Beijing time; zero or None switches a rule off."""

    quiet_from: time | None = None
    quiet_until: time | None = None
    spacing: timedelta = timedelta(0)  # between two deliveries
    per_day: int = 0  # deliveries in a Beijing day
    late_after: timedelta = timedelta(0)  # later than this: a person decides


@dataclass(frozen=True)
class Standing:
    """How the account stands now: what went out or was let go, and whether it rests."""

    last_at: datetime | None = None
    today: int = 0  # let go since Beijing midnight
    paused_until: datetime | None = None
    pause_sentence: str = ""

    def after_one_more(self, now: datetime) -> "Standing":
        return Standing(now, self.today + 1, self.paused_until, self.pause_sentence)


@dataclass(frozen=True)
class Go:
    """It may go now."""


@dataclass(frozen=True)
class Wait:
    until: datetime
    sentence: str


@dataclass(frozen=True)
class Hold:
    sentence: str


Verdict = Go | Wait | Hold


def plan(due_at: datetime, rules: Rules, standing: Standing, now: datetime) -> Verdict:
    """May a delivery due at `due_at` go at `now`? The first rule that objects decides."""
    if rules.late_after and now - due_at > rules.late_after:
        return Hold(f"已超过原定时间{_span(now - due_at)},请确认是否还要发布。")
    if standing.paused_until and now < standing.paused_until:
        return Wait(standing.paused_until, f"账号暂停中:{standing.pause_sentence}")
    if (morning := _quiet_end(rules, now)) is not None:
        return Wait(morning, f"现在是安静时段,{_clock(morning)}后发出。")
    if rules.per_day and standing.today >= rules.per_day:
        midnight = next_midnight(now)
        return Wait(midnight, f"今天的{rules.per_day}次已用完,明天发出。")
    if rules.spacing and standing.last_at and now < standing.last_at + rules.spacing:
        later = standing.last_at + rules.spacing
        return Wait(later, f"与上一条保持间隔,{_clock(later)}发出。")
    return Go()


def next_midnight(now: datetime) -> datetime:
    """The next Beijing midnight, when the platforms' daily quotas begin anew."""
    tomorrow = now.astimezone(BEIJING).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), BEIJING)


def midnight(now: datetime) -> datetime:
    """The Beijing midnight that `now`'s day began with."""
    return datetime.combine(now.astimezone(BEIJING).date(), time(0), BEIJING)


def _quiet_end(rules: Rules, now: datetime) -> datetime | None:
    """When the quiet hours that `now` falls in end; None outside them. They may span midnight."""
    if rules.quiet_from is None or rules.quiet_until is None:
        return None
    here = now.astimezone(BEIJING)
    start, end, clock = rules.quiet_from, rules.quiet_until, here.time()
    over_midnight = start > end
    quiet = (clock >= start or clock < end) if over_midnight else start <= clock < end
    if not quiet:
        return None
    day = here.date() + timedelta(days=1 if over_midnight and clock >= start else 0)
    return datetime.combine(day, end, BEIJING)


def _clock(moment: datetime) -> str:
    here = moment.astimezone(BEIJING)
    return f"{here.month}月{here.day}日{here:%H:%M}"


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    return f"{minutes // 60}小时{minutes % 60}分钟" if minutes >= 60 else f"{minutes}分钟"
