"""What a story's office is: its accounts, their platforms, and the posts it signs."""

import io
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from PIL import Image

import channels
from bot.drill.story import Cast, Item, Story
from bot.drill.wire import address
from bot.settings import Settings
from bot.settings.models import Account, Data
from channels.base import Level, Picture, Post, Problem, Receipt
from channels.emulator import Emulator, Outgoing
from scheduler.plan import Rules


def platforms(
    cast: Sequence[Cast],
    clock: Callable[[], datetime],
    push: Callable[[str, Outgoing], bytes | None],
) -> dict[str, Emulator]:
    """A platform for each account, by the account's name, which is also its callback address."""
    return {name(place): _platform(each, place, clock, push) for place, each in enumerate(cast)}


def name(place: int) -> str:
    return f"account-{place}"


def settings(story: Story, folder: Path) -> Settings:
    return _settings(story.cast, story.spacing, story.late_after, folder)


@cache
def _settings(cast: tuple[Cast, ...], spacing: int, late_after: int, folder: Path) -> Settings:
    rules = Rules(spacing=timedelta(seconds=spacing), late_after=timedelta(minutes=late_after))
    accounts = {name(place): _account(each, place, rules) for place, each in enumerate(cast)}
    return Settings(data=Data(folder=folder), accounts=accounts)


def _account(cast: Cast, place: int, rules: Rules) -> Account:
    emulator = channels.load_emulator(cast.kind)(seed=place + 1)
    values = emulator.account(address(name(place))) | dict(emulator.modes[cast.mode])
    return Account(name(place), channels.load(cast.kind).Settings(**values), rules)


def _platform(
    cast: Cast, place: int, clock: Callable[[], datetime], push: Callable[[str, Outgoing], bytes | None]
) -> Emulator:
    kind = channels.load_emulator(cast.kind)
    mood = kind.moods.get(cast.mood, {})
    return kind(clock=clock, callback=name(place), seed=place + 1, push=push, **mood)


def posts(number: int, item: Item, check: Callable[[Sequence[Post]], Sequence[Problem]]) -> tuple[Post, ...]:
    """As many as the item wants, if the account takes more than one at a time."""
    made = tuple(_post(f"{number + 1}-{place + 1}", item.pictured) for place in range(item.posts))
    fits = not any(problem.level is Level.BLOCK for problem in check(made))
    return made if fits else made[:1]


@cache
def _post(number: str, pictured: bool) -> Post:
    title = f"关于第{number}号演练事项的通告"
    digest = f"第{number}号演练事项自公布之日起施行。"
    picture = _picture() if pictured else None
    image = f'<p><img src="picture:{picture.sha256}"></p>' if picture else ""
    text = f"{digest}请有关单位和个人遵照执行。"
    return Post(
        title=title,
        html=f"<p>{text}</p>{image}",
        text=text,
        digest=digest,
        short=f"【{title}】{digest}",
        cover=_picture(),  # else one is drawn for each try, which takes longer than the whole story
        pictures=(picture,) if picture else (),
    )


@cache
def _picture() -> Picture:
    kept = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(kept, "PNG")
    return Picture("演练.png", "image/png", kept.getvalue())


def normal(text: str) -> str:
    """Words alone, without blanks and links: what a platform may not change."""
    return "".join(re.sub(r"https?://\S+", "", text).split())


def seen(acts: Sequence[str]) -> Receipt:
    """What a person notes who found the post."""
    return Receipt(acts[0], published=True, addresses=(f"https://platform.example/{acts[0]}",))
