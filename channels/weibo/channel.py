"""A Weibo account.

What its notes say of one delivery: `submitting` (a call with effect was begun then and has no outcome),
`submitted` (the post's number), `address` (of an article), `doubted` (the first call whose outcome stayed
unknown, kept while the platform is read back), `taken` (the platform's own word that something is there
already: not finding it is then no proof).
"""

import ipaddress
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Literal

from pydantic import ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from channels.base import (
    AccountSettings,
    Found,
    Limits,
    LookedUp,
    NotThere,
    Parcel,
    Post,
    Problem,
    Push,
    Receipt,
    Received,
    Services,
    Sketch,
    Spent,
    Token,
    Unknowable,
)
from channels.errors import (
    AccountRefused,
    ChannelError,
    ContentRefused,
    NotAccepted,
    Refused,
    Unavailable,
    Uncertain,
)
from channels.transport import Transport
from channels.weibo import check, content, errcodes, inbox, mids, pictures, quotas
from channels.weibo.client import ADDRESS, Client, Json
from channels.weibo.oauth import Authorization
from channels.weibo.timeline import Mark, Seen, Timeline

DELAYED = "20032"
GONE = "20101"
HALF_DONE = "11002"
CLOCKS_APART = timedelta(minutes=10)


class Settings(AccountSettings):
    """What the configuration says of one account."""

    model_config = ConfigDict(hide_input_in_errors=True)  # the input holds the secrets

    appkey: str = Field(description="the app's key (AppKey) on open.weibo.com")
    app_secret: SecretStr = Field(
        default=SecretStr(""), description="the app's secret; proves pushes, without it none is let in"
    )
    access_token: SecretStr = Field(
        default=SecretStr(""),
        description="the account's token; empty: the one kept by the last authorisation",
    )
    uid: str = Field(
        description="the account's number, as in the address of its page", pattern=r"^[0-9]{5,20}$"
    )
    safe_domain: str = Field(
        description="the app's reviewed safe domain (安全域名), such as www.example.gov.cn"
    )
    link: str = Field(default="", description="address to put below a post that names no source of its own")
    mode: Literal["share", "article"] = Field(
        default="share", description="share: short posts with a link; article: headline articles (头条文章)"
    )
    rip: str = Field(description="public IP address of this machine, which the platform wants with each post")
    text_limit: int = Field(
        default=130, ge=20, le=140, description="longest text in characters; the platform's own limit is 140"
    )
    cover_url: str = Field(
        default="",
        description="public address of the picture on headline articles; only mode article needs it",
    )

    @field_validator("safe_domain")
    @classmethod
    def _is_a_host(cls, domain: str) -> str:
        if not domain or "/" in domain or ":" in domain:
            raise ValueError("a host name without https:// or path")
        return domain.lower()

    @field_validator("rip")
    @classmethod
    def _is_an_ip_address(cls, rip: str) -> str:
        return str(ipaddress.ip_address(rip))

    @field_validator("link")
    @classmethod
    def _is_below_the_safe_domain(cls, link: str, info: ValidationInfo) -> str:
        domain = info.data.get("safe_domain", "")
        if link and domain and not content.below(link, domain):
            raise ValueError(f"an address below the safe domain {domain}")
        return link

    def limits(self) -> Limits:
        return quotas.limits(self.mode)


def open_account(settings: Settings, services: Services) -> "WeiboChannel":
    transport = Transport(settings.base_url or ADDRESS, adapter=services.adapter)
    return WeiboChannel(settings, services, transport)


class WeiboChannel:
    """Safe to use from several threads."""

    def __init__(self, settings: Settings, services: Services, transport: Transport) -> None:
        self._settings = settings
        self._services = services
        self._client = Client(transport, services, settings.access_token.get_secret_value())
        self._oauth = Authorization(
            self._client, settings.appkey, settings.app_secret.get_secret_value(), settings.uid
        )

    def check(self, posts: Sequence[Post]) -> list[Problem]:
        own = self._settings
        return check.problems(
            posts,
            mode=own.mode,
            domain=own.safe_domain,
            link=own.link,
            limit=own.text_limit,
            cover_url=own.cover_url,
        )

    def sketch(self, post: Post, addresses: Mapping[str, str]) -> Sketch:
        own = self._settings
        if own.mode == "article":
            return Sketch(post.title, content.article_body(post))
        text = content.compose(post, domain=own.safe_domain, link=own.link, limit=own.text_limit)
        picture = pictures.chosen(post)
        shown = content.as_html(text, addresses.get(picture.sha256, "") if picture else "")
        return Sketch("", shown, f"{content.characters(text)} 字，上限 {own.text_limit} 字")

    def publish(self, parcel: Parcel) -> Receipt:
        noted = self._noted(parcel)
        if noted:
            return noted
        if parcel.notes.get("submitting"):
            raise Uncertain(code="submitting")
        if parcel.notes.get("doubted"):
            found = self._read_back(parcel)
            if isinstance(found, Found):
                return found.receipt
        return self._submit(parcel)

    def confirm(self, parcel: Parcel, receipt: Receipt) -> Receipt:
        """A post that the platform holds back for a minute or two has no number before it can be seen."""
        if receipt.published:
            return receipt
        found = self._read_back(parcel)
        return found.receipt if isinstance(found, Found) else receipt

    def look_up(self, parcel: Parcel) -> LookedUp:
        """Any verdict but Found lets the next `publish` go on: the scheduler comes to it only when all looks
        agreed that the post is not there, or when a person said so."""
        noted = self._noted(parcel)
        if noted and noted.published:
            return Found(noted, "平台的回执已记下编号。")
        if not self._begun(parcel):
            return NotThere("还没有向微博提交过。", certain=True)
        verdict = self._read_back(parcel)
        if not isinstance(verdict, Found):
            parcel.notes.put("doubted", self._begun(parcel))
            parcel.notes.put("submitting", "")
        return verdict

    def withdraw(self, receipt: Receipt, index: int) -> None:
        if index != 0:
            raise Refused(f"这次只发了一条微博，没有第 {index + 1} 条。")
        if receipt.details.get("mode") == "article":
            raise Refused("头条文章不能通过接口删除。请到微博后台删除文章和附带的微博。", "article")
        if not receipt.reference:
            raise Refused("还不知道这条微博的编号。请稍后再试，或到微博后台删除。", "no_id")
        try:
            self._client.destroy(receipt.reference)
        except Refused as error:
            if error.code != GONE:
                raise

    def look_at(self, receipt: Receipt, index: int) -> LookedUp:
        if index != 0 or not receipt.reference:
            return Unknowable("没有记下这条微博的编号，请到微博页面查看。")
        try:
            shown = self._client.show(receipt.reference)
        except AccountRefused as error:
            if errcodes.kind(error.code) is not errcodes.Kind.PERMISSION:
                raise
            return Unknowable("微博应用没有读取这条微博的权限，请到微博页面查看是否已删除。")
        except Refused as error:
            if error.code != GONE:
                raise
            return NotThere(f"微博答复编号 {receipt.reference} 的微博已不存在。")
        if str(shown.get("idstr") or shown.get("mid") or "") != receipt.reference:
            return Unknowable("微博答复的不是这一条，请到微博页面查看是否已删除。")
        return Found(receipt, f"编号 {receipt.reference} 的微博还在。")

    def receive(self, push: Push) -> Received:
        return inbox.receive(push, self._settings.app_secret.get_secret_value())

    # The account

    def address(self, back: str, state: str) -> str:
        if self._settings.access_token.get_secret_value():
            raise Refused("配置中写有 access_token，网页授权不会生效。请先删去这一项。", "access_token")
        return self._oauth.address(back, state)

    def exchange(self, back: str, code: str) -> Token:
        return self._oauth.exchange(back, code, self._services.clock())

    def ends_at(self) -> datetime | None:
        return self._oauth.ends_at(self._services.clock())

    def spent(self, calls: Sequence[str]) -> dict[str, Spent]:
        return quotas.spent(self._client, calls)

    # Sending

    def _submit(self, parcel: Parcel) -> Receipt:
        """The one call with effect, between two notes; an outcome that proves nothing is out takes the first
        note back."""
        text = self._text(parcel)
        picture = self._picture(parcel)
        self._begin(parcel)
        try:
            answer = self._send(parcel.posts[0], text, picture)
        except ChannelError as error:
            self._note_failure(parcel, error)
            return self._seen_at_once(parcel, error)
        return self._accepted(parcel, answer)

    def _text(self, parcel: Parcel) -> str:
        if len(parcel.posts) != 1:
            raise ContentRefused("微博一次只能发一条，请分开投递。")
        own = self._settings
        text = content.compose(parcel.posts[0], domain=own.safe_domain, link=own.link, limit=own.text_limit)
        if not content.normalised(text):
            raise ContentRefused("微博正文除了链接没有文字，请填写后重新送审。")
        return text

    def _picture(self, parcel: Parcel) -> tuple[str, bytes, str] | None:
        picture = pictures.chosen(parcel.posts[0])
        if picture is None or self._settings.mode == "article":
            return None
        try:
            return pictures.fitted(picture)
        except pictures.NoPicture:
            raise ContentRefused(f"图片“{picture.name}”打不开，请换一张后重新送审。") from None

    def _begin(self, parcel: Parcel) -> None:
        if not parcel.notes.get("doubted"):
            parcel.notes.put("after", parcel.uploads.get("newest") or "")
        parcel.notes.put("taken", "")
        parcel.notes.put("submitting", self._services.clock().isoformat())

    def _send(self, post: Post, text: str, picture: tuple[str, bytes, str] | None) -> Json:
        own = self._settings
        if own.mode == "share":
            return self._client.share(text, own.rip, picture)
        return self._client.publish_article(
            {
                "title": post.title.strip(),
                "content": content.rawurlencoded(content.article_body(post)),
                "cover": own.cover_url,
                "summary": content.lead(post),
                "text": text,
                "rip": own.rip,
            }
        )

    def _note_failure(self, parcel: Parcel, error: ChannelError) -> None:
        if isinstance(error, NotAccepted | Refused):
            parcel.notes.put("submitting", "")
        elif error.code == HALF_DONE or errcodes.kind(error.code) is errcodes.Kind.DUPLICATE:
            parcel.notes.put("taken", error.code)

    def _seen_at_once(self, parcel: Parcel, error: ChannelError) -> Receipt:
        """After a lost answer the post, if it is out, is surely still among the newest five; soon others may
        have pushed it off. Not seeing it proves nothing yet, so the error stands."""
        if isinstance(error, Uncertain):
            with suppress(ChannelError):
                found = self._read_back(parcel)
                if isinstance(found, Found):
                    return found.receipt
        raise error

    def _accepted(self, parcel: Parcel, answer: Json) -> Receipt:
        if str(answer.get("error_code")) == DELAYED:
            parcel.notes.put("taken", DELAYED)
            return self._delayed()
        data = answer["data"] if isinstance(answer.get("data"), dict) else answer
        number = str(data.get("idstr") or data.get("mid") or "")
        if not (number.isascii() and number.isdigit()):
            raise Uncertain("微博没有给出编号，正在查对是否已发出，不会重复发送。", "no_id")
        return self._submitted(parcel, number, str(data.get("url") or ""))

    def _submitted(self, parcel: Parcel, number: str, address: str = "") -> Receipt:
        """Note whose the post is before anything else: a look-up of another delivery must not adopt it."""
        parcel.uploads.put(f"status {number}", parcel.key)
        parcel.uploads.put("newest", str(max(int(number), int(parcel.uploads.get("newest") or 0))))
        parcel.notes.put("address", address)
        parcel.notes.put("submitted", number)
        return self._receipt(number, address)

    # Reading back

    def _noted(self, parcel: Parcel) -> Receipt | None:
        """What the notes alone tell of an earlier try."""
        number = parcel.notes.get("submitted")
        if number:
            return self._receipt(number, parcel.notes.get("address") or "")
        held_back = parcel.notes.get("submitting") and parcel.notes.get("taken") == DELAYED
        return self._delayed() if held_back else None

    def _begun(self, parcel: Parcel) -> str:
        return parcel.notes.get("doubted") or parcel.notes.get("submitting") or ""

    def _read_back(self, parcel: Parcel) -> LookedUp:
        """Found: an equal text, newer than the last post known before the first try, of no other delivery."""
        began = datetime.fromisoformat(self._begun(parcel))
        mark = Mark(int(parcel.notes.get("after") or 0), began - CLOCKS_APART)
        try:
            timeline = self._timeline()
        except AccountRefused as error:
            if errcodes.kind(error.code) is not errcodes.Kind.PERMISSION:
                raise
            return Unknowable("微博应用没有读取本账号微博的权限，请到微博页面查看是否已发出。")
        equal = self._equal(parcel, timeline)
        ours = next((post for post in equal if mark.is_before(post)), None)
        if ours:
            receipt = self._submitted(parcel, str(ours.number))
            return Found(receipt, f"在最新的微博里找到同样的正文（编号 {ours.number}）。")
        return _not_found(timeline, mark, older=equal, taken=parcel.notes.get("taken") or "")

    def _timeline(self) -> Timeline:
        answer = self._client.user_timeline()
        try:
            return Timeline.read(answer)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Unavailable("微博返回的不是约定的格式，稍后会自动再试。", "shape") from None

    def _equal(self, parcel: Parcel, timeline: Timeline) -> list[Seen]:
        """Posts with our text that no other delivery owns; below an article the platform may add words."""
        text = content.normalised(self._text(parcel))
        same = str.startswith if self._settings.mode == "article" else str.__eq__
        posts = [post for post in timeline.posts if same(content.normalised(post.text), text)]
        return [post for post in posts if parcel.uploads.get(f"status {post.number}") in (None, parcel.key)]

    def _receipt(self, number: str, address: str) -> Receipt:
        shown = address or f"https://weibo.com/{self._settings.uid}/{mids.to_text(int(number))}"
        return Receipt(number, True, (shown,), {"mode": self._settings.mode})

    def _delayed(self) -> Receipt:
        return Receipt("", False, details={"mode": self._settings.mode})


def _not_found(timeline: Timeline, mark: Mark, *, older: list[Seen], taken: str) -> LookedUp:
    """Not on the page: a proof only if the page reaches back far enough and nothing speaks against it."""
    if taken:
        return Unknowable(f"微博答复过已收到或已存在（代码 {taken}），但最新的微博里没有，请到微博页面查看。")
    if older and not mark.number:
        return Unknowable(
            f"有一条同样的微博发布得更早（编号 {older[0].number}），请到微博页面查看是不是这一条。"
        )
    if not timeline.reaches(mark):
        return Unknowable("本账号在那之后发的微博太多，接口只能读到最新几条，请到微博页面查看是否已发出。")
    return NotThere(f"最新的 {len(timeline.posts)} 条微博里没有这一条。")
