"""A configuration is read whole, or refused with one line that says what is wrong and where."""

from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot import settings
from bot.settings import Settings, SettingsError, shown

WEIBO = """
[accounts.town]
kind = "weibo"
appkey = "1"
uid = "7300112233"
safe_domain = "www.example.gov.cn"
rip = "127.0.0.1"
"""

Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load(text: str, environ: dict[str, str] | None = None) -> Settings:
        file = tmp_path / "config.toml"
        file.write_text(text, encoding="utf-8")
        return settings.load(file, environ or {})

    return load


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[web]\nprot = 1", 'web.prot: unknown key; did you mean "port"?'),
        ("[acounts.town]", 'acounts: unknown key; did you mean "accounts"?'),
        ("[database]\nurl_fille = 1", 'database.url_fille: unknown key; did you mean "url_file"?'),
        ("[log]\nzzz = 1", 'log.zzz: unknown key; known are "level", "format"'),
        ("[scheduler.rules]\nper_dai = 1", 'scheduler.rules.per_dai: unknown key; did you mean "per_day"?'),
        ("[columns.news]\nstep = 1", 'columns.news.step: unknown key; did you mean "steps"?'),
        ('[web]\nport = "8080"', "web.port: must be a whole number, not text"),
        ("[web]\nport = true", "web.port: must be a whole number, not true or false"),
        ("[web]\nhost = 1.5", "web.host: must be text in quotes, not a number with a fraction"),
        ("[office]\nname = 2026-01-01", "office.name: must be text in quotes, not a date or time"),
        ("web = 1", "web: must be a table, not a whole number"),
        ("database = 1", "database: must be a table, not a whole number"),
        ("accounts = []", "accounts: must be a table, not a list"),
        ("[scheduler]\nlook_up_after_seconds = 60", "scheduler.look_up_after_seconds: must be a list, not"),
        ("[scheduler]\nworkers = 0", "scheduler.workers: must be greater than or equal to 1"),
        ('[scheduler.rules]\nquiet_from = "25:00"', 'quiet_from: must be a time of day such as "22:00"'),
        ('[log]\nlevel = "loud"', "log.level: must be 'debug', 'info', 'warning' or 'error'"),
        ("[columns.news]\nsteps = []", "columns.news.steps: List should have at least 1 item"),
        ("[log", "is not TOML: Expected ']'"),
        ('[database]\nurl_file = "none"', "database.url_file: the secret file"),
        ("[database]\nurl_file = 1", "database.url_file: must be a path in quotes, not a whole number"),
        ('[redis]\nurl = "a"\nurl_file = "b"', "redis.url: give either url or url_file, not both"),
        ('[accounts.town]\nkind = "webo"', 'accounts.town.kind: unknown kind "webo"; did you mean "weibo"?'),
        ("[accounts.town]", 'accounts.town.kind: is missing; it is one of "'),
        ("[accounts.Town]", "accounts.Town: an account's name is 1 to 32 of"),
        (WEIBO + "apkey = 1", 'accounts.town.apkey: unknown key; did you mean "appkey"?'),
        (WEIBO.replace("uid", "#uid"), "accounts.town.uid: is missing"),
        (WEIBO + "[accounts.town.rules]\nspacing = 1", "accounts.town.rules.spacing: unknown key; did you"),
        (WEIBO + 'access_token_file = "none"', "accounts.town.access_token_file: the secret file"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(load: Load, text: str, complaint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(text)
    line = str(caught.value)
    assert complaint in line
    assert "config.toml: " in line
    assert "\n" not in line


def test_a_value_of_the_wrong_type_is_not_repeated(load: Load) -> None:
    with pytest.raises(SettingsError) as caught:
        load(WEIBO + 'access_token = ["hunter2"]')
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.toml: cannot be read"):
        settings.load(tmp_path / "absent.toml", {})


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes('[office]\nname = "云溪镇"'.encode("gbk"))
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        settings.load(tmp_path / "config.toml", {})


def test_without_a_file_everything_has_its_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = settings.load(None, {})
    assert found.accounts == {}
    assert found.database_url() == f"sqlite:///{tmp_path}/data/gongbao.db"


def test_the_file_is_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"GONGBAO_CONFIG": "b.toml"}
    assert settings.find(Path("a.toml"), environ) == Path("a.toml")
    assert settings.find(None, environ) == Path("b.toml")
    assert settings.find(None, {}) is None
    (tmp_path / "config.toml").touch()
    assert settings.find(None, {}) == Path("config.toml")


def test_the_data_folder_counts_from_the_file(load: Load, tmp_path: Path) -> None:
    assert load('[data]\nfolder = "kept"').data.folder == tmp_path / "kept"


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf[web]\nport = 1")
    assert settings.load(tmp_path / "config.toml", {}).web.port == 1


def test_a_secret_comes_from_a_file_beside_the_configuration(load: Load, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("redis://h/1\n")
    assert load('[redis]\nurl_file = "url"').redis.url.get_secret_value() == "redis://h/1"


def test_the_environment_goes_before_the_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from a file")
    environ = {
        "GONGBAO_DATABASE_URL": "postgresql://h/d",
        "GONGBAO_ACCOUNTS_TOWN_ACCESS_TOKEN_FILE": "token",
        "GONGBAO_ACCOUNTS_TOWN_APP_SECRET": "from the environment",
    }
    found = load(WEIBO + 'access_token = "x"\napp_secret = "y"', environ)
    assert found.database_url() == "postgresql://h/d"
    assert {"from a file", "from the environment"} <= found.secrets()


def test_an_accounts_rules_override_the_shared_ones(load: Load) -> None:
    shared = '[scheduler.rules]\nquiet_from = "22:00"\nquiet_until = "07:00"\nspacing_seconds = 60\n'
    rules = (
        load(shared + WEIBO + "[accounts.town.rules]\nspacing_seconds = 5\nper_day = 3")
        .accounts["town"]
        .rules
    )
    assert (rules.quiet_from, rules.quiet_until) == (time(22), time(7))
    assert (rules.spacing, rules.per_day) == (timedelta(seconds=5), 3)


def test_the_waits_reach_the_scheduler(load: Load) -> None:
    terms = load("[scheduler]\nlook_up_after_seconds = [1, 2]\nlease_seconds = 9").scheduler.terms()
    assert terms.look_up_after == (timedelta(seconds=1), timedelta(seconds=2))
    assert terms.lease == timedelta(seconds=9)


def test_a_column_has_its_own_chain(load: Load) -> None:
    found = load('[columns."通知公告"]\nsteps = ["经办人", "主要领导"]')
    assert found.steps("通知公告") == ["经办人", "主要领导"]
    assert found.steps("") == ["经办人", "政务公开办", "分管领导"]


def test_the_password_of_an_address_is_a_secret_of_its_own(load: Load) -> None:
    assert "hunter2" in load('[database]\nurl = "postgresql://u:hunter2@h/d"').secrets()


def test_what_is_shown_hides_secrets(load: Load) -> None:
    lines = dict(shown(load(WEIBO + 'access_token = "hunter2"')))
    assert lines["accounts.town.access_token"] == "***"
    assert lines["accounts.town.app_secret"] == ""
    assert lines["accounts.town.uid"] == "7300112233"
    assert "hunter2" not in "".join(lines.values())
