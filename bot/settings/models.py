"""Every setting, its default and its sentence. `gongbao config example` prints this file as TOML."""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, Strict

from bot.errors import RuleBroken
from channels.base import AccountSettings
from scheduler.delivery import Terms
from scheduler.plan import Rules

DATABASE_FILE = "gongbao.db"
CLOCK_TIME = r"^(([01]\d|2[0-3]):[0-5]\d)?$"
STEPS = ["经办人", "政务公开办", "分管领导"]
YEAR = 366 * 86400

ClockTime = Annotated[str, Field(pattern=CLOCK_TIME)]
Seconds = Annotated[float, Field(gt=0, le=YEAR)]


class Section(BaseModel):
    """A table of the file: nothing unknown in it, every value of its own type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Office(Section):
    name: str = Field(default="", description="the office's name as staff and followers read it")
    unit: str = Field(default="", description="the unit an item belongs to if none is named")


class Data(Section):
    folder: Annotated[Path, Strict(False)] = Field(
        default=Path("data"), description="where everything is kept; relative to this file"
    )
    key_file: Annotated[Path, Strict(False)] = Field(
        default=Path("gongbao.key"),
        description="the key that seals tokens, made at the first start, the same on every machine; "
        "relative to the folder; keep a copy apart from the database's",
    )

    def key_path(self) -> Path:
        return self.folder / self.key_file

    def ready(self) -> Path:
        """The folder, made if it is not there yet. Raises RuleBroken."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not os.access(self.folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            raise RuleBroken(
                f"数据文件夹 {self.folder} 不能使用（{error.strerror}），请检查配置中的 data.folder 和权限。"
            ) from None
        return self.folder


class Database(Section):
    url: SecretStr = Field(
        default=SecretStr(""),
        description="postgresql://user:password@host/name; empty: an SQLite file in the data folder",
    )


class Redis(Section):
    url: SecretStr = Field(
        default=SecretStr(""),
        description="redis://host:6379/0 or unix:///path; empty: a server of our own in the data folder",
    )


class Web(Section):
    host: str = Field(default="127.0.0.1", description="the address that the web server listens on")
    port: int = Field(default=8080, ge=0, le=65535, description="its port; 0: any free one")
    public_address: str = Field(
        default="", description="how the platforms reach us, such as https://gongbao.example.gov.cn"
    )
    hosts: list[str] = Field(
        default=[],
        description="more names that staff write in the browser, such as gongbao.lan; no other is answered",
    )


class RuleSettings(Section):
    late_after_minutes: int = Field(
        default=0,
        ge=0,
        description="later than this, quiet hours aside, a person decides whether it still goes; 0: never",
    )
    quiet_from: ClockTime = Field(
        default="",
        description='nothing goes out from this time of day, such as "22:00"; empty: no quiet hours',
    )
    quiet_until: ClockTime = Field(default="", description='until this one, such as "07:00"')
    spacing_seconds: int = Field(
        default=0, ge=0, description="the least time between two deliveries of an account"
    )
    per_day: int = Field(
        default=0,
        ge=0,
        description="deliveries of an account in a day; 0: no limit but the platform's own",
    )
    same_day: bool = Field(
        default=False,
        description="what did not go out on its own day is held for a person, as suits a daily broadcast",
    )

    def rules(self) -> Rules:
        return Rules(
            quiet_from=time.fromisoformat(self.quiet_from) if self.quiet_from else None,
            quiet_until=time.fromisoformat(self.quiet_until) if self.quiet_until else None,
            spacing=timedelta(seconds=self.spacing_seconds),
            per_day=self.per_day,
            late_after=timedelta(minutes=self.late_after_minutes),
            same_day=self.same_day,
        )


class Scheduler(Section):
    workers: int = Field(default=4, ge=1, le=64, description="how many deliveries one process sends at once")
    tick_seconds: float = Field(
        default=1.0, ge=0.01, le=YEAR, description="how often the clock looks when nothing wakes it"
    )
    lease_seconds: Seconds = Field(
        default=180, description="a worker silent for so long is taken for dead, its delivery is looked up"
    )
    put_again_seconds: Seconds = Field(
        default=60, description="a queued delivery that no worker claimed is put again after so long"
    )
    confirm_after_seconds: list[Seconds] = Field(
        default=[120, 600, 1800],
        min_length=1,
        description="when to ask what became of a job the platform took; the last one repeats",
    )
    confirm_within_seconds: Seconds = Field(
        default=21600, description="a job without an outcome for so long is looked up"
    )
    look_up_after_seconds: list[Seconds] = Field(
        default=[60, 180, 600],
        min_length=1,
        description="the wait before each look after an unknown outcome; all must say the same",
    )
    back_off_seconds: Seconds = Field(
        default=60, description="the wait after a first failed try; it doubles with each further one"
    )
    back_off_at_most_seconds: Seconds = Field(default=1800, description="the longest such wait")
    pause_seconds: Seconds = Field(
        default=600, description="how long an account rests when the platform refuses the account itself"
    )
    pause_again_seconds: list[Seconds] = Field(
        default=[1800, 7200],
        description="how long it rests if it is refused again, and again; the last one repeats",
    )
    max_failures: int = Field(default=20, ge=1, description="failed tries in a row before a person is asked")
    rules: RuleSettings = Field(
        default=RuleSettings(), description="when deliveries may go, for every account that says nothing else"
    )

    def terms(self) -> Terms:
        return Terms(
            lease=timedelta(seconds=self.lease_seconds),
            put_again=timedelta(seconds=self.put_again_seconds),
            confirm_after=_spans(self.confirm_after_seconds),
            confirm_within=timedelta(seconds=self.confirm_within_seconds),
            look_up_after=_spans(self.look_up_after_seconds),
            back_off=timedelta(seconds=self.back_off_seconds),
            back_off_at_most=timedelta(seconds=self.back_off_at_most_seconds),
            pause=timedelta(seconds=self.pause_seconds),
            pause_again=_spans(self.pause_again_seconds),
            max_failures=self.max_failures,
        )


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="the least grave line that is written"
    )
    format: Literal["console", "json"] = Field(
        default="console", description="for people, or one JSON object a line"
    )


class Checks(Section):
    words: str = Field(
        default="",
        description="a folder with word lists of your own, relative to this file: protected.tsv, wrong.tsv, "
        "careful.tsv (gongbao check --help says how they look)",
    )
    hosts: list[str] = Field(
        default=[], description="hosts that links may lead to without a reason, with those below them"
    )
    mailboxes: list[str] = Field(
        default=[], description="mailboxes or mail domains of the office; any other one but .gov.cn is told"
    )
    telephones: list[str] = Field(
        default=[], description="the directory of offices; none: office numbers are not looked up"
    )


class Column(Section):
    """A column of the disclosure catalogue."""

    steps: list[Annotated[str, Field(min_length=1)]] = Field(
        default=STEPS,
        min_length=1,
        max_length=5,
        description="who must act on an item, in this order, each a different person; the last one signs",
    )
    unit: str = Field(default="", description="the unit that owns the column")


class Unit(Section):
    author: str = Field(
        default="",
        description="the author's name on the unit's posts, if not its own (WeChat: 16 characters)",
    )


@dataclass(frozen=True)
class Account:
    """An account of a platform; `channel` is its kind's own Settings."""

    name: str
    channel: AccountSettings
    rules: Rules


class Settings(Section):
    """The whole file. `accounts` are built before, each by its kind."""

    office: Office = Office()
    data: Data = Data()
    database: Database = Database()
    redis: Redis = Redis()
    web: Web = Web()
    scheduler: Scheduler = Scheduler()
    log: Log = Log()
    checks: Checks = Checks()
    columns: dict[str, Column] = Field(
        default={}, description="the columns an item may belong to; none: any word will do"
    )
    units: dict[str, Unit] = Field(
        default={}, description="the units an item may belong to; none: any word will do"
    )
    accounts: dict[str, Account] = Field(
        default={}, description="the accounts to publish on; the name is a word of your own, as in /hook/NAME"
    )

    def database_url(self) -> str:
        return self.database.url.get_secret_value() or f"sqlite:///{self.data.folder / DATABASE_FILE}"

    def steps(self, column: str) -> list[str]:
        """The chain of steps of a column; the usual one for a column without a table."""
        return self.columns[column].steps if column in self.columns else STEPS

    def secrets(self) -> set[str]:
        """Every text that must not reach a log or a screen."""
        found = {secret for section in self._sections() for secret in _secrets_of(section)}
        found |= {password for secret in found if (password := _password(secret))}
        return found - {""}

    def _sections(self) -> Iterator[BaseModel]:
        yield from (self.database, self.redis)
        yield from (account.channel for account in self.accounts.values())


def secret_fields(model: type[BaseModel]) -> list[str]:
    """The fields whose value is a secret, or may be one."""
    return [name for name, field in model.model_fields.items() if "SecretStr" in str(field.annotation)]


def _secrets_of(section: BaseModel) -> Iterator[str]:
    for name in secret_fields(type(section)):
        value = getattr(section, name)
        if isinstance(value, SecretStr):
            yield value.get_secret_value()


def _password(url: str) -> str | None:
    try:
        return urlsplit(url).password
    except ValueError:
        return None


def _spans(seconds: list[float]) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=each) for each in seconds)
