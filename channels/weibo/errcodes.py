"""What each code of the platform means for a post: the table beside this file and a function that reads it.

`errcodes.tsv` has one row for each code: its class, what is wrong, and what to do where the class does not
say it well enough. The platform writes a code as a number in one answer and as text in the next.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from pathlib import Path

from channels.errors import (
    AccountRefused,
    ChannelError,
    ContentRefused,
    Duplicate,
    Refused,
    Throttled,
    Unavailable,
    Uncertain,
)

TABLE = Path(__file__).with_name("errcodes.tsv")
BEIJING = timezone(timedelta(hours=8))
WRONG_VALUE = "10017"
NAMES_A_PARAMETER = {"10008", "10016", WRONG_VALUE}
PARAMETER = re.compile(r"\(([a-z_]{2,20})\)")
WORDS_OF_A_POST = {"status", "pic", "title", "content", "text", "summary"}


class Kind(StrEnum):
    """What a publisher does about a code."""

    OK = "ok"
    AUTH = "auth"
    RATE = "rate"
    QUOTA_DAY = "quota_day"
    RETRYABLE = "retryable"
    DUPLICATE = "duplicate"
    CONTENT = "content"
    PERMISSION = "permission"
    CONFIG = "config"
    PERMANENT = "permanent"


@dataclass(frozen=True)
class Row:
    """One code; `wrong` has no full stop, `remedy` is empty where the kind's own fits."""

    code: str
    kind: Kind
    wrong: str
    remedy: str


REMEDIES: Mapping[Kind, str] = {
    Kind.AUTH: "请管理员重新授权该账号，授权后会自动继续发送。",
    Kind.CONFIG: "请管理员检查该账号和微博应用的设置，改好后会自动继续发送。",
    Kind.PERMISSION: "请管理员向微博申请权限或处理账号；急需发布时请人工发布。",
    Kind.CONTENT: "请修改后重新送审。",
    Kind.PERMANENT: "系统不会再自动操作，请核实后处理。",
    Kind.DUPLICATE: "正在查对是否已经发出，不会重复发送。",
}
REFUSED: Mapping[Kind, type[Refused]] = {
    Kind.AUTH: AccountRefused,
    Kind.CONFIG: AccountRefused,
    Kind.PERMISSION: AccountRefused,
    Kind.CONTENT: ContentRefused,
    Kind.PERMANENT: Refused,
}


def kind(code: object) -> Kind | None:
    """The code's class; None for a code nobody has described."""
    row = _row(str(code))
    return row.kind if row else None


def counts_as_done(code: object) -> bool:
    """Success, or "it is so already"."""
    return kind(code) is Kind.OK


def refusal(
    code: object, message: str, *, effect: bool, now: datetime, until: datetime | None = None
) -> ChannelError:
    """The error that a code stands for. `until`: when a limit ends, where the platform told it.

    The message decides only where one code has several causes, and no word of it is repeated except the
    name of a parameter: it may quote what was sent, and a token is sent with every call.
    """
    row = _row(str(code))
    if row is None:
        return _unknown(str(code), effect)
    if row.code == WRONG_VALUE:
        return _wrong_value(row, message)
    match row.kind:
        case Kind.RETRYABLE:
            return _open_outcome(row, effect)
        case Kind.RATE | Kind.QUOTA_DAY:
            return _throttled(row, until or _end(row.kind, now))
        case Kind.DUPLICATE:
            return Duplicate(_sentence(row, row.wrong), row.code)
        case Kind.OK:
            raise ValueError(f"{row.code} is no refusal")
        case refused:
            return REFUSED[refused](_sentence(row, row.wrong + _parameter(row, message)), row.code)


@cache
def table() -> Mapping[str, Row]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, dialect="excel-tab", restval="")
        return {
            row["code"]: Row(row["code"], Kind(row["class"]), row["wrong"], row["remedy"]) for row in rows
        }


def _row(code: str) -> Row | None:
    """A row may stand for a hundred codes: 264xx."""
    return table().get(code) or table().get(f"{code[:3]}xx")


def _unknown(code: str, effect: bool) -> ChannelError:
    wrong = f"微博返回了没有说明的错误代码 {code[:20]}"
    if effect:
        return Refused(f"{wrong}。系统不会再自动发送，请管理员核实后处理。", code[:20])
    return Unavailable(f"{wrong}，稍后会自动再试。", code[:20])


def _wrong_value(row: Row, message: str) -> ChannelError:
    """10017 has three causes; only the message tells which."""
    if "not find domain" in message:
        return ContentRefused(
            "正文里没有本账号安全域名之下的链接。请补上本单位网站的链接后重新送审。", row.code
        )
    if "not bind domain" in message:
        remedy = "请管理员到微博开放平台的应用信息里填写安全域名，审核通过后会自动继续发送。"
        return AccountRefused(f"微博应用没有绑定审核通过的安全域名。{remedy}", row.code)
    named = PARAMETER.search(message)
    if named and named[1] in WORDS_OF_A_POST:
        return ContentRefused(f"微博不接受这篇内容的 {named[1]} 部分。请修改后重新送审。", row.code)
    return AccountRefused(_sentence(row, row.wrong + _parameter(row, message)), row.code)


def _parameter(row: Row, message: str) -> str:
    named = PARAMETER.search(message) if row.code in NAMES_A_PARAMETER else None
    return f"（{named[1]}）" if named else ""


def _open_outcome(row: Row, effect: bool) -> ChannelError:
    if effect:
        return Uncertain(f"{row.wrong}，正在查对是否已发出，不会重复发送。", row.code)
    return Unavailable(f"{row.wrong}，稍后会自动再试。", row.code)


def _end(kind: Kind, now: datetime) -> datetime:
    """When a used up hour or day is over; days are Beijing's."""
    if kind is Kind.RATE:
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    today = now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=1)).astimezone(UTC)


def _throttled(row: Row, until: datetime) -> Throttled:
    local = until.astimezone(BEIJING)
    return Throttled(until, f"{row.wrong}，{local:%m月%d日 %H:%M} 后会自动再试。", row.code)


def _sentence(row: Row, wrong: str) -> str:
    return f"{wrong}。{row.remedy or REMEDIES[row.kind]}"
