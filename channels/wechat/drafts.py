"""The draft of a parcel: there once, and holding what was signed.

Notes of a delivery: `drafting` (the last add was begun then), `draft` (media_id, once it was answered).
Uploads of an account: `image:SHA256` (address) and `cover:SHA256` (media_id).
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from channels.base import Parcel, Picture
from channels.errors import ChannelError, ContentRefused, Refused, Unavailable, Uncertain
from channels.wechat import content, pictures
from channels.wechat.client import Client
from channels.wechat.content import Article
from channels.wechat.outcomes import items_in, many, news_in, updated

GONE = "40007"  # of a draft: used or removed; on draft/add: a cover that is there no more
CLOCKS_APART = timedelta(minutes=10)
NEWEST = 20


class DraftBox:
    def __init__(
        self, client: Client, author: str, comments: bool, fans_only: bool, clock: Callable[[], datetime]
    ) -> None:
        self._client, self._clock = client, clock
        self._author, self._comments, self._fans_only = author, comments, fans_only

    def ready(self, parcel: Parcel, until: datetime) -> str:
        """The media_id of a draft in the box that holds the parcel's posts; `until` ends the patience.

        Raises Uncertain for a draft that somebody took out of the box: it may have been sent by hand.
        """
        articles = self._articles(parcel, until)
        kept = parcel.notes.get("draft")
        if kept and self._holds(kept, articles, asked=bool(parcel.notes.get("asked"))):
            return kept
        try:
            media_id = self._stray(parcel, articles) or self._add(parcel, articles)
        except Refused as error:
            if error.code != GONE:
                raise
            self._forget(parcel, "cover", [content.cover_of(post) for post in parcel.posts])
            articles = self._articles(parcel, until)
            media_id = self._add(parcel, articles)
        parcel.notes.put("draft", media_id)
        self._compare(parcel, media_id, articles)
        return media_id

    def read(self, media_id: str) -> list[Any] | None:
        """The draft's articles; None if it is in the box no more."""
        try:
            return many(self._client.draft.get(media_id)["news_item"])
        except Refused as error:
            if error.code == GONE:
                return None
            raise

    def expected(self, parcel: Parcel) -> list[Article]:
        """The articles as they were sent, for comparing."""
        samples = {
            picture.sha256: content.SAMPLE_ADDRESS for post in parcel.posts for picture in post.pictures
        }
        return [
            content.article(post, samples, "", alone=len(parcel.posts) == 1, author=self._author)
            for post in parcel.posts
        ]

    def _articles(self, parcel: Parcel, until: datetime) -> list[Article]:
        made = []
        for post in parcel.posts:
            addresses = {
                picture.sha256: self._address(parcel, picture, until)
                for picture in content.used_pictures(post)
            }
            made.append(
                content.article(
                    post,
                    addresses,
                    self._cover(parcel, content.cover_of(post), until),
                    alone=len(parcel.posts) == 1,
                    author=self._author,
                    comments=self._comments,
                    fans_only=self._fans_only,
                )
            )
        return made

    def _address(self, parcel: Parcel, picture: Picture, until: datetime) -> str:
        known = parcel.uploads.get(f"image:{picture.sha256}")
        if known:
            return known
        self.hurry(until)
        made = pictures.fitted(picture, pictures.IN_TEXT)
        address = str(self._client.media.upload_image((made.name, made.content, made.media_type)))
        parcel.uploads.put(f"image:{picture.sha256}", address)
        return address

    def _cover(self, parcel: Parcel, cover: Picture, until: datetime) -> str:
        known = parcel.uploads.get(f"cover:{cover.sha256}")
        if known:
            return known
        self.hurry(until)
        answer = self._client.material.add("image", (cover.name, cover.content, cover.media_type))
        parcel.uploads.put(f"cover:{cover.sha256}", str(answer["media_id"]))
        return str(answer["media_id"])

    def hurry(self, until: datetime) -> None:
        """A try ends before its lease does, so that no second worker takes it up meanwhile."""
        if self._clock() > until:
            raise Unavailable("上传图片用时太久，已上传的会保留，稍后接着发送。", "slow")

    def _holds(self, media_id: str, articles: Sequence[Article], *, asked: bool) -> bool:
        kept = self.read(media_id)
        if kept is None and not asked:
            raise Uncertain("草稿已不在公众号的草稿箱里，可能被人发出或删除，正在查对。", GONE)
        return kept is not None and not content.all_differences(articles, kept)

    def _stray(self, parcel: Parcel, articles: Sequence[Article]) -> str | None:
        """The draft of an add that was never answered."""
        drafting = parcel.notes.get("drafting")
        if not drafting:
            return None
        since = datetime.fromisoformat(drafting) - CLOCKS_APART
        answer = self._client.draft.batchget(0, NEWEST, 0)
        for item in items_in(answer):
            if updated(item) >= since and not content.all_differences(articles, news_in(item)):
                return str(item.get("media_id", "")) or None
        return None

    def _add(self, parcel: Parcel, articles: Sequence[Article]) -> str:
        parcel.notes.put("drafting", self._clock().isoformat())
        try:
            # wechatpy's own draft.add drops every field it does not know
            return str(self._client.post("draft/add", data={"articles": articles})["media_id"])
        except Uncertain as error:
            raise Unavailable("没有收到微信对草稿的答复，稍后会接着发送，不会重复。", error.code) from None

    def _compare(self, parcel: Parcel, media_id: str, articles: Sequence[Article]) -> None:
        kept = self.read(media_id)
        if kept is None:
            raise Unavailable("微信还没有存好草稿，稍后会接着发送。", GONE)
        found = content.all_differences(articles, kept)
        if not found:
            return
        self._forget(parcel, "image", [each for post in parcel.posts for each in content.used_pictures(post)])
        self.discard(parcel)
        raise ContentRefused(f"微信悄悄改动了草稿：{'；'.join(found)}。请修改后重新送审。", "filtered")

    def discard(self, parcel: Parcel) -> None:
        """Take the parcel's draft out of the box; one that stays there does no harm."""
        media_id = parcel.notes.get("draft")
        parcel.notes.put("draft", "")
        if media_id:
            try:
                self._client.draft.delete(media_id)
            except ChannelError:
                return

    def _forget(self, parcel: Parcel, kind: str, shown: Sequence[Picture]) -> None:
        for picture in shown:
            parcel.uploads.put(f"{kind}:{picture.sha256}", "")
