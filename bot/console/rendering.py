"""From a template to a page."""

from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot import drafts
from bot.console.navigation import MENU
from bot.people import ROLE_WORDS, WRITERS
from scheduler import delivery
from scheduler.plan import BEIJING

WEEKDAYS = "一二三四五六日"
TONES = {
    "published": "good",
    "signed": "good",
    "failed": "bad",
    "uncertain": "bad",
    "held": "warn",
    "returned": "warn",
    "withdrawn": "warn",
    "cancelled": "quiet",
    "discarded": "quiet",
    "editing": "quiet",
}


def render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    folder = resources.files("bot.console") / "templates"
    environment = Environment(
        loader=FileSystemLoader(str(folder)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"menu": MENU, "role_words": ROLE_WORDS, "writers": WRITERS}
    environment.filters |= {
        "moment": _moment,
        "precise": _precise,
        "day": _day,
        "clock": lambda moment: f"{moment.astimezone(BEIJING):%H:%M}",
        "draft_word": _draft_word,
        "delivery_word": lambda word: delivery.WORDS[_delivery(word)],
        "tone": tone,
        "join_names": "、".join,
    }
    return environment


def tone(state: str) -> str:
    return TONES.get(state, "busy")


def _moment(moment: datetime | None) -> str:
    """As people read it in Beijing."""
    if moment is None:
        return ""
    here = moment.astimezone(BEIJING)
    return f"{here.year}年{here.month}月{here.day}日 {here:%H:%M}"


def _precise(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日 星期{WEEKDAYS[day.weekday()]}"


def _draft_word(word: str) -> str:
    if word == "add":
        return "拟稿"
    return drafts.WORDS[drafts.State(word) if word in set(drafts.State) else drafts.Act(word)]


def _delivery(word: str) -> delivery.State | delivery.Event:
    return delivery.State(word) if word in set(delivery.State) else delivery.Event(word)
