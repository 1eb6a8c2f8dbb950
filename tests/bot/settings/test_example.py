"""config.example.toml is what the models say, and it can be used as it stands."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

import channels
from bot import settings
from bot.settings.models import Settings

FILE = Path(__file__).parents[3] / "config.example.toml"


def switched_on(text: str) -> str:
    """The example with every setting that is switched off switched on."""
    return re.sub(r"(?m)^#(?! )", "", text)


def test_the_file_is_what_the_models_say() -> None:
    assert FILE.read_text(encoding="utf-8") == settings.example(), "write it anew: make config"


def test_it_loads_as_it_stands_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(settings.example(), encoding="utf-8")
    found = settings.load(tmp_path / "config.toml", {})
    assert found == Settings(data=found.data)


def test_it_loads_with_everything_switched_on(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(switched_on(settings.example()), encoding="utf-8")
    found = settings.load(tmp_path / "config.toml", {})
    assert sorted(found.accounts) == channels.kinds()
    assert set(found.columns) == {"通知公告"}


def test_every_setting_has_its_sentence() -> None:
    lines = settings.example().splitlines()
    for before, line in pairwise(lines):
        if re.match(r"#?\w+ = ", line):
            assert before.startswith("# "), line


@pytest.mark.parametrize("kind", channels.kinds())
def test_every_setting_of_every_kind_is_in_it(kind: str) -> None:
    table = settings.example().partition(f"#[accounts.{kind}]\n")[2].partition("#[")[0]
    written = re.findall(r"(?m)^#(\w+) = ", table)
    assert written == list(channels.load(kind).Settings.model_fields)


def test_every_section_is_in_it() -> None:
    for name in set(Settings.model_fields) - {"columns", "units", "accounts"}:
        assert f"\n[{name}]\n" in settings.example()
