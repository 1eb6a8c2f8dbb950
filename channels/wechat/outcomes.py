"""What the platform says in the end of a job it took, in a status call or in an event."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from channels.base import Receipt
from channels.errors import ChannelError, ContentRefused, Refused

Outcome = Receipt | ChannelError | None  # None: still running, or said in words we do not know

PUBLISHED, RUNNING = 0, 1
PUBLISH_FAILURES: dict[int, tuple[type[ChannelError], str]] = {
    2: (ContentRefused, "原创声明没有通过{places}，没有发表。请到公众号后台查看原因，修改后重新送审。"),
    3: (Refused, "微信发表失败，没有给出原因。请到公众号后台的发表记录中核对后再试。"),
    4: (ContentRefused, "没有通过微信的审核{places}，没有发表。请到公众号后台查看原因，修改后重新送审。"),
    5: (Refused, "发表后已被人在公众号后台全部删除，请核对。"),
    6: (ContentRefused, "发表后被微信全部封禁。请管理员到公众号后台查看通知。"),
}

# https://developers.weixin.qq.com/doc/subscription/guide/product/message/Batch_Sends.html
BROADCAST_FAILURES: dict[int, tuple[type[ChannelError], str]] = {
    10001: (ContentRefused, "微信认为内容涉嫌广告"),
    20001: (ContentRefused, "微信认为内容涉嫌政治"),
    20002: (ContentRefused, "微信认为内容涉嫌色情"),
    20004: (ContentRefused, "微信认为内容涉嫌社会问题"),
    20006: (ContentRefused, "微信认为内容涉嫌违法犯罪"),
    20008: (ContentRefused, "微信认为内容涉嫌欺诈"),
    20013: (ContentRefused, "微信认为内容涉嫌侵犯版权"),
    21000: (ContentRefused, "微信认为内容有其他问题"),
    22000: (ContentRefused, "微信认为内容涉嫌互推"),
    30001: (Refused, "微信的原创校验出错，文章被判定为转载"),
    30002: (ContentRefused, "原创校验判定为转载，而原文不允许转载"),
    30003: (ContentRefused, "原创校验判定为转载，而本账号设置为遇到转载就停止"),
    40001: (Refused, "公众号管理员在手机上拒绝了这次群发"),
    40002: (Refused, "公众号管理员 30 分钟内没有确认这次群发"),
}


def of_publishing(
    reference: str, status: object, article_id: object, addresses: Sequence[str], failed: Sequence[object]
) -> Outcome:
    """`failed` are the places of refused articles, counted from 1."""
    number = _number(status)
    if number == PUBLISHED:
        text = "".join(str(article_id or "").split())  # the official sample breaks it over two lines
        return Receipt(reference, True, tuple(addresses), {"article_id": text} if text else {})
    if number not in PUBLISH_FAILURES:
        return None
    kind, sentence = PUBLISH_FAILURES[number]
    places = "、".join(str(place) for place in failed)
    return kind(
        sentence.replace("{places}", f"（第 {places} 篇）" if places else ""), f"publish_status_{number}"
    )


def of_broadcast(
    reference: str, status: str, addresses: Sequence[str] = (), counts: Mapping[str, str] | None = None
) -> Outcome:
    """`status` comes as "send success", "sendsuccess", "SEND_SUCCESS", "err(30003)" and the like."""
    folded = re.sub(r"[\s_]", "", status).lower()
    match folded:
        case "sendsuccess":
            return Receipt(reference, True, tuple(addresses), counts or {})
        case "sendfail":
            return Refused("微信群发失败，没有给出原因。请到公众号后台核对后再试。", folded)
        case "delete" | "deleted":
            return Refused("群发后已被人删除，请到公众号后台核对。", folded)
        case _:
            return _broadcast_failure(folded)


def addresses_in(items: Sequence[object], place: str, address: str) -> list[str]:
    """The addresses of a list such as article_detail.item, in the order of their places."""
    found = [item for item in items if isinstance(item, Mapping) and item.get(address)]
    return [str(item[address]).strip() for item in sorted(found, key=lambda item: _number(item.get(place)))]


def many(value: object) -> list[object]:
    """A list node; dict-style readers give a single child as itself."""
    if isinstance(value, list):
        return value
    return [] if value in (None, "") else [value]


def items_in(answer: Mapping[str, object]) -> list[dict[str, Any]]:
    """The items of a list call such as draft/batchget."""
    return [item for item in many(answer.get("item")) if isinstance(item, dict)]


def news_in(item: Mapping[str, object]) -> list[object]:
    inner = item.get("content")
    return many(inner.get("news_item")) if isinstance(inner, Mapping) else []


def updated(item: Mapping[str, object]) -> datetime:
    stamp = item.get("update_time")
    return datetime.fromtimestamp(stamp if isinstance(stamp, int) else 0, UTC)


def _broadcast_failure(folded: str) -> ChannelError | None:
    coded = re.fullmatch(r"err\(?([0-9]{1,9})\)?", folded)
    if coded is None:
        return None
    kind, what = BROADCAST_FAILURES.get(
        int(coded[1]), (Refused, f"微信没有通过这次群发（原因编号 {coded[1]}）")
    )
    return kind(f"{what}，没有群发。请处理后再试。", f"err_{coded[1]}")


def _number(raw: object) -> int:
    text = str(raw).strip()
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1
