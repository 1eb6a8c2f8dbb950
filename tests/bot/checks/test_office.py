"""The office's own word lists: read beside the shipped ones, refused in one line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.checks import Level, check
from bot.checks.office import context_of, words_of
from bot.errors import SettingsError
from bot.settings import Settings

LATE = datetime(2026, 11, 22, 17, tzinfo=UTC)


def test_today_is_the_day_in_beijing() -> None:
    assert context_of(Settings(), LATE).today.isoformat() == "2026-11-23"


def test_lists_of_the_office_are_added(tmp_path: Path) -> None:
    (tmp_path / "protected.tsv").write_text("# 本镇\n云溪镇人民政府\n", encoding="utf-8")
    (tmp_path / "wrong.tsv").write_text("云西镇\t云溪镇\t镇名\n", encoding="utf-8")
    settings = Settings.model_validate({"checks": {"words": str(tmp_path)}})
    found = check("云西镇通知", context_of(settings, LATE))
    assert [(finding.kind, finding.repair) for finding in found] == [("wrong_word", "云溪镇")]
    assert "中国共产党" in words_of(str(tmp_path)).protected


def test_a_directory_may_write_its_numbers_as_it_likes() -> None:
    settings = Settings.model_validate({"checks": {"telephones": ["(0564) 862-1234"]}})
    assert context_of(settings, LATE).telephones == {"05648621234"}


@pytest.mark.parametrize(
    ("content", "complaint"), [(b"one\n", "line 1 needs 3 columns"), (b"\xff\xfe\xff", "cannot be read")]
)
def test_a_list_that_cannot_be_used_is_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "wrong.tsv").write_bytes(content)
    with pytest.raises(SettingsError, match=complaint):
        words_of(str(tmp_path))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no folder"):
        words_of(str(tmp_path / "none"))


@pytest.mark.parametrize("level", Level)
def test_levels_are_spelled_as_documented(level: Level) -> None:
    assert level.value in ("block", "need_reason", "warn", "info")
