"""The two ways a draft goes out: published without a push, or broadcast to all followers.

Places count from 0 here and from 1 on the platform, where 0 or none means all: that never leaves this file.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from channels.base import Found, LookedUp, NotThere, Receipt, Unknowable
from channels.errors import Refused
from channels.wechat import content, outcomes
from channels.wechat.client import Client
from channels.wechat.outcomes import Outcome, addresses_in, items_in, many, news_in, updated

PAGE, PAGES = 20, 3
CLOCKS_APART = timedelta(minutes=30)
FRESH_ID = "40059"  # mass/get does not know every id it has just given


class Mode(Protocol):
    def submit(self, media_id: str, key: str) -> Receipt:
        """Begin the job; the draft leaves the box."""
        ...

    def outcome(self, receipt: Receipt) -> Outcome: ...

    def found(self, articles: Sequence[content.Article], since: datetime) -> Receipt | None:
        """The articles among what is out since then."""
        ...

    def withdraw(self, receipt: Receipt, index: int) -> None: ...

    def look_at(self, receipt: Receipt, index: int) -> LookedUp: ...


class Publishing:
    """https://developers.weixin.qq.com/doc/subscription/guide/product/publish.html"""

    def __init__(self, client: Client) -> None:
        self._client = client

    def submit(self, media_id: str, key: str) -> Receipt:  # noqa: ARG002 - the platform takes no key here
        answer = self._client.freepublish.submit(media_id)
        return Receipt(str(answer["publish_id"]), False, details=_kept(answer, "msg_data_id"))

    def outcome(self, receipt: Receipt) -> Outcome:
        answer = self._client.freepublish.get(receipt.reference)
        detail = answer.get("article_detail")
        items = many(detail.get("item")) if isinstance(detail, dict) else []
        return outcomes.of_publishing(
            receipt.reference,
            answer["publish_status"],
            answer.get("article_id"),
            addresses_in(items, "idx", "article_url"),
            many(answer.get("fail_idx")),
        )

    def found(self, articles: Sequence[content.Article], since: datetime) -> Receipt | None:
        for page in range(PAGES):
            answer = self._client.freepublish.batchget(page * PAGE, PAGE)
            recent = [item for item in items_in(answer) if updated(item) >= since - CLOCKS_APART]
            for item in recent:
                news = _standing_news(item)
                if news and not content.all_differences(articles, news):
                    return _receipt_of(item, news)
            if len(recent) < PAGE:
                return None
        return None

    def withdraw(self, receipt: Receipt, index: int) -> None:
        article_id = receipt.details.get("article_id") or self._article_id(receipt)
        self._client.freepublish.delete(article_id, index + 1)

    def look_at(self, receipt: Receipt, index: int) -> LookedUp:
        article_id = receipt.details.get("article_id") or self._article_id(receipt)
        news = many(self._client.freepublish.getarticle(article_id).get("news_item"))
        article = news[index] if index < len(news) else None
        if not isinstance(article, dict) or "is_deleted" not in article:
            return Unknowable("微信没有说明这篇文章是否已删除，请到公众号后台的发表记录中查看。")
        if article["is_deleted"]:
            return NotThere(f"微信的发表记录标明第 {index + 1} 篇已删除。")
        return Found(receipt, f"微信的发表记录里第 {index + 1} 篇还在。")

    def _article_id(self, receipt: Receipt) -> str:
        outcome = self.outcome(receipt)
        article_id = outcome.details.get("article_id") if isinstance(outcome, Receipt) else None
        if not article_id:
            raise Refused("还不知道这篇文章在微信的编号，请到公众号后台的发表记录中删除。", "no_article_id")
        return article_id


class Broadcasting:
    """https://developers.weixin.qq.com/doc/subscription/guide/product/message/Batch_Sends.html"""

    def __init__(self, client: Client) -> None:
        self._client = client

    def submit(self, media_id: str, key: str) -> Receipt:
        """`key` keeps a second submit within 24 hours from being a second broadcast."""
        answer = self._client.post(
            "message/mass/sendall",
            data={
                "filter": {"is_to_all": True},
                "mpnews": {"media_id": media_id},
                "msgtype": "mpnews",
                "send_ignore_reprint": 0,
                "clientmsgid": key,
            },
        )
        return Receipt(str(answer["msg_id"]), False, details=_kept(answer, "msg_data_id"))

    def outcome(self, receipt: Receipt) -> Outcome:
        try:
            answer = self._client.message.get_mass(_id(receipt))
        except Refused as error:
            if error.code == FRESH_ID:
                return None
            raise
        return outcomes.of_broadcast(receipt.reference, str(answer["msg_status"]))

    def found(self, articles: Sequence[content.Article], since: datetime) -> Receipt | None:  # noqa: ARG002
        """The platform has no list of broadcasts."""
        return None

    def withdraw(self, receipt: Receipt, index: int) -> None:
        self._client.post("message/mass/delete", data={"msg_id": _id(receipt), "article_idx": index + 1})

    def look_at(self, receipt: Receipt, index: int) -> LookedUp:
        """The platform tells only when the whole broadcast is gone."""
        status = str(self._client.message.get_mass(_id(receipt)).get("msg_status"))
        if status.strip().lower() in ("delete", "deleted"):
            return NotThere("微信答复这次群发已删除。")
        if len(receipt.addresses) == 1 and status == "SEND_SUCCESS":
            return Found(receipt, "微信答复这次群发没有删除。")
        return Unknowable(f"微信查不到单篇的删除情况，请在手机上打开这次群发的第 {index + 1} 篇查看。")


def _id(receipt: Receipt) -> int:
    if not receipt.reference.isdecimal():
        raise Refused("没有记下这次群发在微信的编号，请到公众号后台处理。", "no_msg_id")
    return int(receipt.reference)


def _kept(answer: dict[str, Any], name: str) -> dict[str, str]:
    return {name: str(answer[name])} if answer.get(name) else {}


def _standing_news(item: dict[str, Any]) -> list[Any]:
    """The articles of a published item; none if one of them was taken down since."""
    news = news_in(item)
    return [] if any(not isinstance(each, dict) or each.get("is_deleted") for each in news) else news


def _receipt_of(item: dict[str, Any], news: list[Any]) -> Receipt:
    article_id = str(item.get("article_id", ""))
    addresses = tuple(str(each.get("url", "")) for each in news)
    return Receipt(article_id, True, addresses, {"article_id": article_id})
