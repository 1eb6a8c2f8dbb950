"""When may a delivery go? Pure: the account's rules, what is out already, and the time decide."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from channels.base import Quota, Span

BEIJING = ZoneInfo("Asia/Shanghai")
MOMENT = timedelta(seconds=1)  # the least time before a second look
THIS: dict[Span, str] = {Span.HOUR: "这个小时", Span.DAY: "今天", Span.MONTH: "这个月"}


@dataclass(frozen=True)
class Rules:
    """What an account keeps to. Times of day are Beijing time; zero or None switches a rule off."""

    quiet_from: time | None = None
    quiet_until: time | None = None
    spacing: timedelta = timedelta(0)  # between two deliveries
    per_day: int = 0  # deliveries in a Beijing day
    late_after: timedelta = timedelta(0)  # later than this: a person decides
    same_day: bool = False  # not out on its own day: a person decides
    quotas: tuple[Quota, ...] = ()  # the platform's

    def looks_back_to(self, now: datetime) -> datetime:
        """What went out before then does not matter."""
        return min(now - self.spacing, *(begins(quota.span, now) for quota in self.all_quotas()), now)

    def all_quotas(self) -> tuple[Quota, ...]:
        own = (Quota("投递", self.per_day, Span.DAY),) if self.per_day else ()
        return own + self.quotas


@dataclass(frozen=True)
class Standing:
    """How the account stands now: what went out or was let go, and whether it rests."""

    out: tuple[datetime, ...] = ()  # as far back as the rules look
    doubt_until: datetime | None = None  # when a delivery in doubt is looked up next
    paused_until: datetime | None = None
    pause_sentence: str = ""
    room: int | None = None  # deliveries that today's calls still allow

    def count(self, span: Span, now: datetime) -> int:
        """What is out in this hour, day or month."""
        start = begins(span, now)
        return sum(moment >= start for moment in self.out)

    def after_one_more(self, now: datetime) -> "Standing":
        room = None if self.room is None else self.room - 1
        return replace(self, out=(*self.out, now), room=room)


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
        _of_another_day(due_at, rules, now),
        _resting(standing, now),
        _in_doubt(standing, now),
        _quiet(rules, now),
        _used_up(rules, standing, now),
        _out_of_calls(standing, now),
        _too_close(rules, standing, now),
    )
    return next((objection for objection in objections if objection), Go())


def _late(due_at: datetime, rules: Rules, now: datetime) -> Hold | None:
    late = now - _opens(due_at, rules)
    if not rules.late_after or late <= rules.late_after:
        return None
    return Hold(f"已超过原定时间{_span(late)}，请确认是否还要发布。")


def _of_another_day(due_at: datetime, rules: Rules, now: datetime) -> Hold | None:
    opens = _opens(due_at, rules)
    if not rules.same_day or opens >= begins(Span.DAY, now):
        return None
    return Hold(f"原定{_clock(opens)}发出，当天没有发出，请确认是否还要发布。")


def _opens(due_at: datetime, rules: Rules) -> datetime:
    """When it could go first: nothing is late for having waited out the quiet hours."""
    return _quiet_end(rules, due_at) or due_at


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
    full = [quota for quota in rules.all_quotas() if standing.count(quota.span, now) >= quota.most]
    if not full:
        return None
    last = max(full, key=lambda quota: ends(quota.span, now))
    end = ends(last.span, now)
    return Wait(end, f"{THIS[last.span]}的{last.words}（{last.most} 次）已用完，{_clock(end)}后发出。")


def _out_of_calls(standing: Standing, now: datetime) -> Wait | None:
    if standing.room is None or standing.room > 0:
        return None
    end = ends(Span.DAY, now)
    return Wait(end, f"今天剩下的接口次数不够再发一条，{_clock(end)}后发出。")


def _too_close(rules: Rules, standing: Standing, now: datetime) -> Wait | None:
    if not rules.spacing or not standing.out:
        return None
    later = max(standing.out) + rules.spacing
    return Wait(later, f"与上一条保持间隔，{_clock(later)}发出。") if now < later else None


def begins(span: Span, now: datetime) -> datetime:
    """When the hour, day or month of Beijing that `now` is in began."""
    day = midnight(now)
    match span:
        case Span.HOUR:
            return day.replace(hour=now.astimezone(BEIJING).hour)
        case Span.DAY:
            return day
        case Span.MONTH:
            return day.replace(day=1)


def ends(span: Span, now: datetime) -> datetime:
    """When the next one begins."""
    match span:
        case Span.HOUR:
            return begins(span, now) + timedelta(hours=1)
        case Span.DAY:
            return next_midnight(now)
        case Span.MONTH:
            return begins(span, begins(span, now) + timedelta(days=32))


def next_midnight(now: datetime) -> datetime:
    """The next Beijing midnight, when the platforms' daily quotas begin anew."""
    return midnight(now) + timedelta(days=1)


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
