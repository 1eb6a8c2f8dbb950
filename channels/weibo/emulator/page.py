"""The account's page as followers see it on a phone."""

import base64
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import nh3
from jinja2 import Environment, FileSystemLoader, Template

from channels.weibo.emulator import text
from channels.weibo.emulator.platform import BEIJING, Comment, Platform, Status

TEMPLATES = Path(__file__).parent.parent / "templates"
IN_BRACKETS = re.compile(r"【([^】]+)】")
TITLE_CHARACTERS = 20


def render(platform: Platform, now: datetime, fan: str) -> str:
    seen = platform.seen(now)
    return _template().render(
        own=platform.terms,
        posts=[_post(platform, status) for status in seen],
        letters=[letter for letter in platform.letters if letter.fan == fan],
        clock=_clock,
    )


@cache
def _template() -> Template:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template("phone.html")


def title(status: Status) -> str:
    if status.article:
        return status.article.title
    bracketed = IN_BRACKETS.search(status.text)
    return bracketed[1] if bracketed else status.text[:TITLE_CHARACTERS]


def _post(platform: Platform, status: Status) -> dict[str, object]:
    article = status.article
    return {
        "address": platform.address(status),
        "at": status.at,
        "pieces": list(_pieces(status)),
        "picture": _data_address(status),
        "article": article,
        "body": nh3.clean(article.content) if article else "",
        "comments": _comments(platform, status),
    }


def _pieces(status: Status) -> Iterator[tuple[str, str]]:
    """The text cut at its links: (words, address)."""
    end = 0
    words = status.text
    for match in text.LINK.finditer(words):
        yield words[end : match.start()], ""
        if not (status.article and match[0] == status.article.address):
            yield "网页链接", match[0]
        end = match.end()
    yield words[end:], ""


def _data_address(status: Status) -> str:
    if status.picture is None:
        return ""
    kinds = {b"\xff": "jpeg", b"G": "gif"}
    kind = kinds.get(status.picture.content[:1], "png")
    return f"data:image/{kind};base64,{base64.b64encode(status.picture.content).decode()}"


def _comments(platform: Platform, status: Status) -> list[Comment]:
    return [c for c in platform.comments if c.status == status.number and not c.deleted]


def _clock(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%m-%d %H:%M")
