"""The demo's items are what an office would hand in: no guess needed, nothing that a platform refuses."""

import re
from datetime import date
from pathlib import Path

import pytest

import bot
import channels
from bot import importing
from channels.base import Level, Post, Services
from channels.tokens import MemoryTokens
from tests.support import NOW

FOLDER = Path(bot.__file__).parent / "demo_items"
FILES = sorted(FOLDER.glob("*.md"))
WEEKDAYS = "一二三四五六日"


class NoMeter:
    def take(self, call: str, count: int = 1) -> None:
        raise AssertionError("a check makes no call")


def post(file: Path) -> Post:
    item = importing.read(file)
    assert item.notes == ()
    return Post(
        title=item.title,
        html=item.html,
        text=item.text,
        digest=item.digest,
        author="党政办",
        source="https://yunxi.gov.example/gk/1.html",
        pictures=item.pictures,
    )


def test_there_are_eight_one_with_a_picture_and_some_with_tables() -> None:
    found = [importing.read(file) for file in FILES]
    assert len(found) == 8
    assert sum(bool(item.pictures) for item in found) == 1
    assert sum("<table>" in item.html for item in found) >= 1
    assert all(item.digest for item in found)


@pytest.mark.parametrize("kind", channels.kinds())
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_platform_would_refuse_it(file: Path, kind: str) -> None:
    module = channels.load(kind)
    account = channels.load_emulator(kind)().account("http://127.0.0.1:9")
    services = Services("demo", MemoryTokens(), NoMeter(), lambda: NOW)
    channel = module.open_account(module.Settings(**account), services)
    refused = [problem.sentence for problem in channel.check([post(file)]) if problem.level is Level.BLOCK]
    assert refused == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_weekday_is_that_of_its_date(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for year, month, day, weekday in re.findall(r"(?:(\d{4})年)?(\d+)月(\d+)日（星期(.)）", text):
        assert WEEKDAYS[date(int(year or 2026), int(month), int(day)).weekday()] == weekday


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_telephone_number_is_anybodys(file: Path) -> None:
    numbers = re.findall(r"\d{3,4}-\d{7,8}|1\d{10}", file.read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"0599-0000\d{3}", number) for number in numbers)


def test_the_picture_is_small() -> None:
    (picture,) = FOLDER.glob("*.png")
    assert picture.stat().st_size < 30_000
