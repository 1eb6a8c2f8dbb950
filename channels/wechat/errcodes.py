"""What each errcode of WeChat means for a post: `errcodes.tsv` holds code, class, wait and sentence.

`wait` is how long a Throttled lasts: minute, day, month, or broadcast (a day on a subscription account, a
month on a service account). Unavailable stands for a fault of the platform: with effect it is Uncertain.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

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

BEIJING = ZoneInfo("Asia/Shanghai")
OK = "ok"
TOKEN_CODES = frozenset({40001, 40014, 42001})  # a fresh token may help, once
NOT_RECOGNISED = "AppSecret 不正确，账号已暂停。请管理员到微信开发者平台核对或重置 AppSecret，并更新配置。"

CLASSES: dict[str, type[ChannelError]] = {
    known.__name__: known
    for known in (AccountRefused, ContentRefused, Duplicate, Refused, Throttled, Unavailable, Uncertain)
}


@dataclass(frozen=True)
class Row:
    """One errcode; `kind` is OK or a key of CLASSES."""

    code: int
    kind: str
    wait: str
    sentence: str


@cache
def table() -> dict[int, Row]:
    text = resources.files(__package__).joinpath("errcodes.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return {int(code): Row(int(code), kind, wait, sentence) for code, kind, wait, sentence in rows}


def code_of(answer: Mapping[str, object]) -> int | str:
    """The answer's errcode, 0 if it has none; what is no whole number comes back as text."""
    raw = answer.get("errcode", 0)
    if isinstance(raw, int):
        return int(raw)
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    text = str(raw).strip()
    return int(text) if re.fullmatch(r"-?[0-9]{1,12}", text) else text


def is_ok(code: int | str) -> bool:
    row = table().get(code) if isinstance(code, int) else None
    return row is not None and row.kind == OK


def known(code: str) -> bool:
    """Whether an error's code is one of the table, or a word of our own; an unknown one may have acted."""
    return code in map(str, table()) or not re.fullmatch(r"-?[0-9]+", code)


def refusal(
    code: int | str,
    message: str,
    *,
    effect: bool,
    now: datetime,
    response: Mapping[str, object],
    account_type: str = "subscription",
) -> ChannelError:
    """The error that an answer stands for; `effect` says whether the call acts on the platform."""
    row = table().get(code) if isinstance(code, int) else None
    if row is None or row.kind == OK:
        return _unknown(code, message, effect)
    sentence = row.sentence.replace("{ip}", caller_ip(message))
    match row.kind:
        case "Throttled":
            return Throttled(_until(row.wait, now, account_type), sentence, str(code))
        case "Duplicate":
            return Duplicate(sentence, str(code), message_id(response))
        case "Unavailable" if effect:
            return Uncertain(code=str(code))
        case _:
            return CLASSES[row.kind](sentence, str(code))


def token_refusal(code: int | str, message: str, *, now: datetime) -> ChannelError:
    """As `refusal`, for the token call: there 40001 speaks of the secret."""
    if code == 40001:
        return AccountRefused(NOT_RECOGNISED, str(code))
    return refusal(code, message, effect=False, now=now, response={})


def message_id(answer: Mapping[str, object]) -> str:
    """The id of a mass send; the samples spell it in two ways."""
    return str(answer.get("msg_id") or answer.get("msgid") or "")


def next_midnight(now: datetime) -> datetime:
    """When the platform's day ends, in UTC."""
    return (_today(now) + timedelta(days=1)).astimezone(UTC)


def next_month(now: datetime) -> datetime:
    return (_today(now).replace(day=28) + timedelta(days=4)).replace(day=1).astimezone(UTC)


def _today(now: datetime) -> datetime:
    return now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)


def caller_ip(message: str) -> str:
    """The address that WeChat saw, taken from its errmsg."""
    for word in re.findall(r"[0-9A-Fa-f:.]{3,}", message):
        try:
            return str(ipaddress.ip_address(word.strip(".")))
        except ValueError:
            continue
    return "（微信没有说明）"


def _unknown(code: int | str, message: str, effect: bool) -> ChannelError:
    said = f"微信返回了未登记的错误 {code}（{message[:200]}）"
    if effect:
        return Refused(f"{said}，已停止自动重试。请管理员查明原因后再试。", str(code))
    return Unavailable(f"{said}，稍后会自动再试。", str(code))


def _until(wait: str, now: datetime, account_type: str) -> datetime:
    if wait == "broadcast":
        wait = "month" if account_type == "service" else "day"
    match wait:
        case "minute":
            return now + timedelta(minutes=1)
        case "month":
            return next_month(now)
        case _:
            return next_midnight(now)
