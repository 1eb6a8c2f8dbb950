"""A WeChat official account.

What its notes say of one delivery, besides those of `drafts.py`: `submitting` (a submit was begun then and
has no outcome), `submitted` (the receipt, as JSON), `doubted` (the first submit whose outcome stayed unknown,
once the platform was read back), `asked` (the platform could not tell: what comes next is a person's word),
`round` (how often the platform said that the job had failed for good, and it was sent anew).
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import ConfigDict, Field, SecretStr, field_validator

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
    Unknowable,
)
from channels.errors import (
    AccountRefused,
    ChannelError,
    ContentRefused,
    Duplicate,
    NotAccepted,
    Refused,
    Unavailable,
    Uncertain,
)
from channels.transport import Transport
from channels.wechat import content, errcodes, quotas
from channels.wechat.client import ADDRESS, Client
from channels.wechat.drafts import GONE, DraftBox
from channels.wechat.inbox import Inbox
from channels.wechat.modes import Broadcasting, Mode, Publishing

PATIENCE = timedelta(seconds=60)  # with the submit itself well below a worker's lease
IN_PROCESS = timedelta(minutes=10)  # a job may run so long before it is seen in the published list
KEY_HOLDS = timedelta(hours=23)  # the platform knows a clientmsgid for 24 hours
NO_WORD = timedelta(hours=12)
NO_BROADCAST_LEFT = "45028"
NO_NUMBER = "微信说这次群发已经存在，但没有给出编号，请到公众号后台核对。"


class Settings(AccountSettings):
    """What the configuration says of one account."""

    model_config = ConfigDict(hide_input_in_errors=True)  # the input holds the secrets

    appid: str = Field(min_length=1, description="the account's AppID, from the WeChat developer platform")
    secret: SecretStr = Field(min_length=1, description="the account's AppSecret, from the same page")
    token: SecretStr = Field(
        default=SecretStr(""), description="the callback's Token; proves pushes, without it none is let in"
    )
    aes_key: SecretStr = Field(
        default=SecretStr(""),
        description="the callback's EncodingAESKey; set, only encrypted pushes are let in; empty: plain mode",
    )
    previous_aes_key: SecretStr = Field(
        default=SecretStr(""), description="the EncodingAESKey before the last change, still used for a while"
    )
    account_type: Literal["subscription", "service"] = Field(
        default="subscription",
        description="subscription (公众号): one broadcast a day; service (服务号): four a month",
    )
    mode: Literal["publish", "broadcast"] = Field(
        default="publish",
        description="publish: an article without a push; broadcast: pushed to all followers",
    )
    author: str = Field(
        default="",
        max_length=content.AUTHOR,
        description="the author of posts that name none, 16 characters at most",
    )
    need_open_comment: bool = Field(
        default=False, description="open comments below each article; the account must have the right"
    )
    only_fans_can_comment: bool = Field(default=False, description="only followers may comment")

    @field_validator("aes_key", "previous_aes_key")
    @classmethod
    def _is_an_aes_key(cls, key: SecretStr) -> SecretStr:
        text = key.get_secret_value()
        try:
            valid = not text or len(base64.b64decode(f"{text}=", validate=True)) == 32
        except binascii.Error:
            valid = False
        if not valid:
            raise ValueError("43 letters and digits, as the developer platform shows them")
        return key

    def limits(self) -> Limits:
        return quotas.limits(self.mode, self.account_type)


def open_account(settings: Settings, services: Services) -> "WeChatChannel":
    transport = Transport(settings.base_url or ADDRESS, adapter=services.adapter)
    return WeChatChannel(settings, services, transport)


class WeChatChannel:
    """Safe to use from several threads."""

    def __init__(self, settings: Settings, services: Services, transport: Transport) -> None:
        self._settings = settings
        self._clock = services.clock
        self._client = Client(settings.appid, settings.secret, transport, services, settings.account_type)
        self._drafts = DraftBox(
            self._client,
            settings.author,
            settings.need_open_comment,
            settings.only_fans_can_comment,
            services.clock,
        )
        self._broadcasts = settings.mode == "broadcast"
        self._mode: Mode = (Broadcasting if self._broadcasts else Publishing)(self._client)
        self._inbox = Inbox(
            settings.appid,
            settings.token.get_secret_value(),
            [settings.aes_key.get_secret_value(), settings.previous_aes_key.get_secret_value()],
        )

    def check(self, posts: Sequence[Post]) -> list[Problem]:
        return content.check(posts, self._settings.author)

    def sketch(self, post: Post, addresses: Mapping[str, str]) -> Sketch:
        return Sketch(post.title, content.content(post, addresses, self._settings.author)[0])

    def publish(self, parcel: Parcel) -> Receipt:
        standing = self._standing(parcel)
        if standing is not None:
            return standing
        self._refuse_to_repeat(parcel)
        until = self._clock() + PATIENCE
        draft = self._drafts.ready(parcel, until)
        self._drafts.hurry(until)
        self._refuse_to_repeat(parcel)
        return self._submit(parcel, draft)

    def confirm(self, parcel: Parcel, receipt: Receipt) -> Receipt:  # noqa: ARG002 - the receipt says it all
        if receipt.published:
            return receipt
        outcome = self._outcome(receipt)
        if isinstance(outcome, ChannelError):
            raise outcome
        return outcome

    def look_up(self, parcel: Parcel) -> LookedUp:
        parcel.notes.put("asked", "")
        found = self._look_up(parcel)
        if isinstance(found, Unknowable):
            _leave_open(parcel)
            parcel.notes.put("asked", self._clock().isoformat())
        return found

    def withdraw(self, receipt: Receipt, index: int) -> None:
        _want_a_place(receipt, index)
        self._mode.withdraw(receipt, index)

    def look_at(self, receipt: Receipt, index: int) -> LookedUp:
        _want_a_place(receipt, index)
        return self._mode.look_at(receipt, index)

    def preview(self, parcel: Parcel, wechat_name: str) -> None:
        """Show the draft to one person on the phone, as a follower would see it."""
        draft = self._drafts.ready(parcel, self._clock() + PATIENCE)
        self._client.post(
            "message/mass/preview",
            data={"towxname": wechat_name, "mpnews": {"media_id": draft}, "msgtype": "mpnews"},
        )

    def receive(self, push: Push) -> Received:
        return self._inbox.receive(push)

    def spent(self, calls: Sequence[str]) -> dict[str, Spent]:
        return quotas.spent(self._client, calls)

    def _standing(self, parcel: Parcel) -> Receipt | None:
        """What an earlier submit came to; None if it is for this try to submit."""
        noted = _noted(parcel)
        if noted is not None:
            return self._standing_job(parcel, noted)
        doubted = parcel.notes.get("doubted")
        found = self._found(parcel, datetime.fromisoformat(doubted)) if doubted else None
        if found is None and parcel.notes.get("asked"):
            _write(parcel, doubted="")
        return found

    def _standing_job(self, parcel: Parcel, noted: Receipt) -> Receipt | None:
        asked = bool(parcel.notes.get("asked"))
        try:
            outcome = noted if noted.published else self._outcome(noted)
        except Uncertain:
            if not asked:
                raise
            outcome = noted
        if isinstance(outcome, ChannelError):
            _write(parcel, submitted="", submitting="", doubted="", draft="", round=f"{_round(parcel) + 1}")
            return None
        if asked and not outcome.published:
            _write(parcel, submitted="", doubted="")
            return None
        return outcome

    def _refuse_to_repeat(self, parcel: Parcel) -> None:
        """No second submit while the first may have worked, by what the notes say."""
        doubted = parcel.notes.get("doubted")
        if parcel.notes.get("submitting") or (doubted and self._key_is_forgotten(doubted)):
            raise Uncertain(code="submitting")

    def _submit(self, parcel: Parcel, draft: str) -> Receipt:
        _write(parcel, submitting=self._clock().isoformat(), asked="")
        try:
            receipt = self._mode.submit(draft, _key(parcel))
        except Duplicate as error:
            receipt = Receipt(error.reference, False)
            if not error.reference:
                _note(parcel, receipt)
                raise Uncertain(NO_NUMBER, error.code) from None
        except (NotAccepted, Refused) as error:
            raise self._not_submitted(parcel, error) from None
        _note(parcel, receipt)
        return receipt

    def _not_submitted(self, parcel: Parcel, error: NotAccepted | Refused) -> ChannelError:
        """The platform said no. Two of its words may mean that an earlier submit did work."""
        if error.code == GONE:
            return Uncertain("提交时草稿已不在草稿箱里，可能已经发出，正在查对，不会重复发送。", GONE)
        if error.code == NO_BROADCAST_LEFT and parcel.notes.get("doubted"):
            return Uncertain("群发次数已用完，上一次可能已经群发成功，正在查对，不会重复发送。", error.code)
        if not errcodes.known(error.code) and isinstance(error, Refused):
            _leave_open(parcel)
        _write(parcel, submitting="")
        if isinstance(error, ContentRefused) and not parcel.notes.get("doubted"):
            self._drafts.discard(parcel)
        return error

    def _look_up(self, parcel: Parcel) -> LookedUp:
        noted = _noted(parcel)
        if noted is not None:
            return self._look_up_submitted(parcel, noted)
        draft = parcel.notes.get("draft") or ""
        if not draft and not _open(parcel):
            return NotThere("还没有向微信提交过。", certain=True)
        try:
            return self._look_up_draft(parcel, draft)
        except AccountRefused:
            raise
        except Refused as error:
            return Unknowable(error.sentence)

    def _look_up_submitted(self, parcel: Parcel, noted: Receipt) -> LookedUp:
        if noted.published:
            return Found(noted, "微信已确认发出。")
        try:
            outcome = self._outcome(noted)
        except Uncertain as error:
            return Unknowable(error.sentence)
        if isinstance(outcome, Receipt) and outcome.published:
            return Found(outcome, "微信已确认发出。")
        if isinstance(outcome, Receipt) and self._clock() - _begun(parcel, self._clock()) > NO_WORD:
            return Unknowable("微信受理后一直没有给出结果，请到公众号后台的发表记录中核对。")
        return Found(noted, "微信已受理，正在等结果。")

    def _look_up_draft(self, parcel: Parcel, draft: str) -> LookedUp:
        in_box = draft != "" and self._drafts.read(draft) is not None
        if in_box and not _open(parcel):
            return NotThere("草稿还在草稿箱里，没有提交过。", certain=True)
        since = _begun(parcel, self._clock())
        receipt = self._found(parcel, since)
        if receipt is not None:
            return Found(receipt, "在微信的发表记录中找到。")
        return self._in_box(parcel, since) if in_box else self._gone(parcel, since)

    def _found(self, parcel: Parcel, since: datetime) -> Receipt | None:
        receipt = self._mode.found(self._drafts.expected(parcel), since)
        if receipt is not None:
            _note(parcel, receipt)
        return receipt

    def _in_box(self, parcel: Parcel, begun: datetime) -> LookedUp:
        if self._key_is_forgotten(begun.isoformat()):
            return Unknowable("草稿还在草稿箱里，但离上次提交已近一天，不能自动再发。请到公众号后台核对。")
        _leave_open(parcel)
        return NotThere("草稿还在草稿箱里，没有发出。")

    def _gone(self, parcel: Parcel, begun: datetime) -> LookedUp:
        if self._broadcasts:
            return Unknowable(
                "草稿已不在草稿箱里，可能已经群发；微信没有查询办法，请在手机上看本账号是否收到。"
            )
        if _open(parcel) and self._clock() - begun < IN_PROCESS:
            raise Unavailable("草稿已不在草稿箱里，发表记录里还没有，可能还在处理，稍后再查。", "in_process")
        return Unknowable("草稿已不在草稿箱里，发表记录里也没有。请到公众号后台核对是否发表过。")

    def _outcome(self, receipt: Receipt) -> Receipt | ChannelError:
        """The receipt itself while the job is running. A refusal of the question is no outcome: Uncertain."""
        if not receipt.reference:
            raise Uncertain(NO_NUMBER, "no_msg_id")
        try:
            outcome = self._mode.outcome(receipt)
        except Refused as error:
            if isinstance(error, AccountRefused):
                raise
            raise Uncertain(error.sentence, error.code) from None
        if not isinstance(outcome, Receipt):
            return outcome or receipt
        details = {**receipt.details, **outcome.details}
        return Receipt(outcome.reference, True, outcome.addresses, details)

    def _key_is_forgotten(self, begun: str) -> bool:
        return self._broadcasts and self._clock() - datetime.fromisoformat(begun) > KEY_HOLDS


def _want_a_place(receipt: Receipt, index: int) -> None:
    if index < 0 or (receipt.addresses and index >= len(receipt.addresses)):
        raise Refused(f"这次发布没有第 {index + 1} 篇，没有撤回任何文章。", "index")


def _noted(parcel: Parcel) -> Receipt | None:
    noted = parcel.notes.get("submitted")
    if not noted:
        return None
    kept = json.loads(noted)
    return Receipt(kept["reference"], kept["published"], tuple(kept["addresses"]), kept["details"])


def _note(parcel: Parcel, receipt: Receipt) -> None:
    kept = {
        "reference": receipt.reference,
        "published": receipt.published,
        "addresses": receipt.addresses,
        "details": dict(receipt.details),
    }
    _write(parcel, submitted=json.dumps(kept, ensure_ascii=False))


def _open(parcel: Parcel) -> str:
    """When the first submit without a known outcome was begun; empty if there is none."""
    return parcel.notes.get("doubted") or parcel.notes.get("submitting") or ""


def _begun(parcel: Parcel, now: datetime) -> datetime:
    """As `_open`; without a submit, when the draft was made."""
    begun = _open(parcel) or parcel.notes.get("drafting")
    return datetime.fromisoformat(begun) if begun else now


def _leave_open(parcel: Parcel) -> None:
    """The scheduler may now decide, or a person: the next `publish` goes on."""
    _write(parcel, doubted=_open(parcel), submitting="")


def _key(parcel: Parcel) -> str:
    """The parcel's own, and another one after a job that surely failed: the platform keeps the old one."""
    if not _round(parcel):
        return parcel.key
    return hashlib.sha256(f"{parcel.key}:{_round(parcel)}".encode()).hexdigest()[:32]


def _round(parcel: Parcel) -> int:
    return int(parcel.notes.get("round") or 0)


def _write(parcel: Parcel, **notes: str) -> None:
    for name, value in notes.items():
        parcel.notes.put(name, value)
