"""When may a delivery go? Pure: the account's rules, what is out already, and the time decide."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
MOMENT = timedelta(seconds=1)  # the least time before a second look


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
    doubt_until: datetime | None = None  # when a delivery in doubt is looked up next
    paused_until: datetime | None = None
    pause_sentence: str = ""

    def after_one_more(self, now: datetime) -> "Standing":
        return replace(self, last_at=now, today=self.today + 1)


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
    objections = (
        _late(due_at, rules, now),
        _resting(standing, now),
        _in_doubt(standing, now),
        _quiet(rules, now),
        _used_up(rules, standing, now),
        _too_close(rules, standing, now),
    )
    return next((objection for objection in objections if objection), Go())


def _late(due_at: datetime, rules: Rules, now: datetime) -> Hold | None:
    if not rules.late_after or now - due_at <= rules.late_after:
        return None
    return Hold(f"已超过原定时间{_span(now - due_at)}，请确认是否还要发布。")


def _resting(standing: Standing, now: datetime) -> Wait | None:
    if standing.paused_until is None or now >= standing.paused_until:
        return None
    return Wait(standing.paused_until, f"账号暂停中：{standing.pause_sentence}")


def _in_doubt(standing: Standing, now: datetime) -> Wait | None:
    if standing.doubt_until is None:
        return None
    return Wait(max(standing.doubt_until, now + MOMENT), "上一条的结果还在查对，查清后再发。")


def _quiet(rules: Rules, now: datetime) -> Wait | None:
    morning = _quiet_end(rules, now)
    return Wait(morning, f"现在是安静时段，{_clock(morning)}后发出。") if morning else None


def _used_up(rules: Rules, standing: Standing, now: datetime) -> Wait | None:
    if not rules.per_day or standing.today < rules.per_day:
        return None
    return Wait(next_midnight(now), f"今天的{rules.per_day}次已用完，明天发出。")


def _too_close(rules: Rules, standing: Standing, now: datetime) -> Wait | None:
    if not rules.spacing or standing.last_at is None:
        return None
    later = standing.last_at + rules.spacing
    return Wait(later, f"与上一条保持间隔，{_clock(later)}发出。") if now < later else None


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
