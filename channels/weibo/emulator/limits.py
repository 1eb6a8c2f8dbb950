"""Calls and posts in the present hour and day; both begin on the full hour of Beijing."""

from datetime import datetime, timedelta
from typing import Any

from channels.weibo.emulator.platform import BEIJING, Platform
from channels.weibo.emulator.refusals import Refusal, too_many


def count_call(platform: Platform, now: datetime) -> None:
    """Count one call of the user. Raises Refusal when the hour or the day is used up."""
    for window, limit in (("day", platform.terms.calls_a_day), ("hour", platform.terms.calls_an_hour)):
        key = _key("calls", window, now)
        if platform.used[key] >= limit:
            raise Refusal(10023)
        platform.used[key] += 1


def look_at_posts(platform: Platform, interface: str, now: datetime) -> None:
    """Raises Refusal when the hour's posts are used up."""
    if platform.used[_key("posts", "hour", now)] >= platform.terms.posts_an_hour:
        raise too_many(interface)


def count_post(platform: Platform, now: datetime) -> None:
    platform.used[_key("posts", "hour", now)] += 1


def status(platform: Platform, now: datetime) -> dict[str, Any]:
    """The answer of account/rate_limit_status; asking is free."""
    terms = platform.terms
    left_today = terms.calls_a_day - platform.used[_key("calls", "day", now)]
    left_this_hour = terms.calls_an_hour - platform.used[_key("calls", "hour", now)]
    posts_left = terms.posts_an_hour - platform.used[_key("posts", "hour", now)]
    day_binds = left_today <= left_this_hour
    reset = _next_day(now) if day_binds else _next_hour(now)
    return {
        "api_rate_limits": [
            {
                "api": "/statuses/share",
                "limit": terms.posts_an_hour,
                "limit_time_unit": "HOURS",
                "remaining_hits": posts_left,
            }
        ],
        "ip_limit": 15000,
        "limit_time_unit": "DAYS" if day_binds else "HOURS",
        "remaining_ip_hits": 15000,
        "remaining_user_hits": min(left_today, left_this_hour),
        "reset_time": f"{reset:%Y-%m-%d %H:%M:%S}",
        "reset_time_in_seconds": int((reset - now).total_seconds()),
        "user_limit": terms.calls_a_day if day_binds else terms.calls_an_hour,
    }


def _key(what: str, window: str, now: datetime) -> str:
    local = now.astimezone(BEIJING)
    return f"{what} {local:%Y-%m-%d}" if window == "day" else f"{what} {local:%Y-%m-%d %H}"


def _next_day(now: datetime) -> datetime:
    local = now.astimezone(BEIJING)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _next_hour(now: datetime) -> datetime:
    return now.astimezone(BEIJING).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
