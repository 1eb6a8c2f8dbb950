"""The five verbs, the preview and the settings of an account, against the emulator over a real socket."""

import tomllib
from dataclasses import replace
from datetime import timedelta
from importlib import resources
from typing import Any

import pytest
from pydantic import ValidationError

import channels
from channels.base import Channel, Found, NotThere, Parcel, Picture, Post, Receipt, Services, Unknowable
from channels.emulator import Fault
from channels.errors import (
    AccountRefused,
    ChannelError,
    ContentRefused,
    Refused,
    Throttled,
    Unavailable,
    Uncertain,
)
from channels.wechat.channel import Settings, WeChatChannel
from channels.wechat.emulator.verdicts import Verdict
from tests.channels.wechat.drawing import noise
from tests.channels.wechat.office import SUBMITS, Office, a_post, an_illustrated_post


def done(office: Office, channel: WeChatChannel, *posts: Post) -> Receipt:
    parcel = office.parcel(*posts)
    receipt = channel.publish(parcel)
    office.finish()
    return channel.confirm(parcel, receipt)


def lost(office: Office, channel: WeChatChannel, mode: str, fault: Fault) -> Parcel:
    """A parcel whose submit was not answered."""
    parcel = office.parcel()
    office.fault(fault, SUBMITS[mode])
    with pytest.raises(Uncertain):
        channel.publish(parcel)
    return parcel


# Publish


def test_the_kind_is_found_and_speaks_the_protocol(office: Office) -> None:
    module = channels.load("wechat")
    opened: Channel = module.open_account(
        module.Settings(**office.emulator.account(office.address)), office.services
    )
    assert isinstance(opened, WeChatChannel)


def test_a_post_goes_out_with_its_words_and_pictures(office: Office, channel: WeChatChannel) -> None:
    receipt = done(office, channel, an_illustrated_post("PNG", "JPEG", "WEBP"))
    shown = office.shown()
    assert [(each.title, each.pictures) for each in shown] == [("关于冬季道路养护的通告", 3)]
    assert "来源：云溪镇" in shown[0].text
    assert receipt.published
    assert receipt.details["msg_data_id"]


def test_several_posts_go_out_in_one_act_and_in_their_order(office: Office, channel: WeChatChannel) -> None:
    done(office, channel, a_post("一"), a_post("二"), a_post("三"))
    assert [shown.title for shown in office.shown()] == ["一", "二", "三"]
    assert len({shown.act for shown in office.shown()}) == 1


def test_a_published_article_has_its_address(office: Office) -> None:
    receipt = done(office, office.channel(), a_post("一"), a_post("二"))
    assert list(receipt.addresses) == [shown.address for shown in office.shown()]


def test_only_a_broadcast_reaches_the_followers(office: Office, mode: str) -> None:
    done(office, office.channel(mode=mode))
    assert [shown.kind for shown in office.shown()] == [mode]


def test_pictures_and_covers_are_uploaded_once_for_the_account(
    office: Office, channel: WeChatChannel
) -> None:
    post = an_illustrated_post("PNG")
    for key in "ab":
        office.clock.forward(hours=24)
        channel.publish(office.parcel(post, key=key * 32))
    calls = office.meter.calls
    assert (calls["media/uploadimg"], calls["material/add_material"]) == (1, 1)


def test_a_cover_that_was_removed_from_the_library_is_uploaded_anew(
    office: Office, channel: WeChatChannel
) -> None:
    post = an_illustrated_post()
    channel.publish(office.parcel(post))
    (cover,) = [media_id for name, media_id in office.uploads.items() if name.startswith("cover:")]
    office.by_hand.material.delete(cover)
    office.clock.forward(hours=24)
    channel.publish(office.parcel(post, key="b" * 32))
    assert office.meter.calls["material/add_material"] == 2


def test_a_cover_that_the_platform_never_takes_is_tried_twice_only(
    office: Office, channel: WeChatChannel
) -> None:
    office.fault(Fault.ERRCODE, "draft/add", times=None, code=40007)
    with pytest.raises(Refused, match="素材"):
        channel.publish(office.parcel())
    assert office.meter.calls["draft/add"] == 2


def test_what_the_platform_filters_in_silence_stops_the_post(office: Office, channel: WeChatChannel) -> None:
    post = an_illustrated_post("PNG")
    office.uploads[f"image:{post.pictures[0].sha256}"] = "http://mmbiz.qpic.cn/of-another-account"
    with pytest.raises(ContentRefused, match="正文图片送出 1 张，只存下 0 张"):
        channel.publish(office.parcel(post))
    assert (office.drafts(), office.out()) == (0, [])
    channel.publish(office.parcel(post))
    office.finish()
    assert [shown.pictures for shown in office.shown()] == [1]


def test_a_picture_that_is_none_goes_back_to_the_editor_before_any_draft(
    office: Office, channel: WeChatChannel
) -> None:
    post = an_illustrated_post("PNG")
    broken = replace(post, cover=Picture("封面", "image/png", b"none"))
    with pytest.raises(ContentRefused, match="“封面”打不开"):
        channel.publish(office.parcel(broken))
    assert office.meter.calls["draft/add"] == 0


def test_a_lost_draft_is_taken_up_again_instead_of_added_twice(
    office: Office, channel: WeChatChannel
) -> None:
    parcel = office.parcel()
    office.fault(Fault.DROP_AFTER, "draft/add")
    with pytest.raises(Unavailable):
        channel.publish(parcel)
    channel.publish(parcel)
    assert office.meter.calls["draft/add"] == 1


def test_a_try_that_takes_too_long_ends_before_its_lease(office: Office, channel: WeChatChannel) -> None:
    class SlowMeter:
        def take(self, call: str, count: int = 1) -> None:
            if call == "media/uploadimg":
                office.clock.forward(seconds=50)

    post = an_illustrated_post(*["PNG"] * 3)
    office.services = Services("town", office.tokens, SlowMeter(), office.clock)
    slow = office.channel()
    parcel = office.parcel(post)
    with pytest.raises(Unavailable, match="用时太久"):
        slow.publish(parcel)
    assert slow.publish(parcel).reference


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (45009, Throttled),
        (45011, Throttled),
        (48001, AccountRefused),
        (53503, ContentRefused),
        (53504, AccountRefused),
        (87009, Refused),
    ],
)
def test_a_refused_submit_is_no_doubt_and_may_be_tried_again(
    office: Office, channel: WeChatChannel, mode: str, code: int, kind: type[ChannelError]
) -> None:
    parcel = office.parcel()
    office.fault(Fault.ERRCODE, SUBMITS[mode], code=code)
    with pytest.raises(kind) as caught:
        channel.publish(parcel)
    assert type(caught.value) is kind
    assert channel.look_up(parcel) in (
        NotThere("草稿还在草稿箱里，没有提交过。", certain=True),
        NotThere("还没有向微信提交过。", certain=True),
    )
    channel.publish(parcel)
    office.finish()
    assert len(office.out()) == 1


def test_an_unknown_refusal_is_kept_in_mind_as_a_doubt(
    office: Office, channel: WeChatChannel, mode: str
) -> None:
    parcel = office.parcel()
    office.fault(Fault.ERRCODE, SUBMITS[mode], code=777777)
    with pytest.raises(Refused, match="未登记"):
        channel.publish(parcel)
    assert parcel.notes.get("doubted")
    channel.publish(parcel)
    office.finish()
    assert len(office.out()) == 1


def test_a_draft_that_failed_the_check_does_not_stay_in_the_box(
    office: Office, channel: WeChatChannel, mode: str
) -> None:
    office.fault(Fault.ERRCODE, SUBMITS[mode], code=53503)
    with pytest.raises(ContentRefused):
        channel.publish(office.parcel())
    assert office.drafts() == 0


def test_a_second_broadcast_of_the_day_waits_for_midnight_in_beijing(office: Office) -> None:
    channel = office.channel(mode="broadcast")
    done(office, channel)
    parcel = office.parcel(a_post("第二次"), key="b" * 32)
    with pytest.raises(Throttled) as caught:
        channel.publish(parcel)
    assert caught.value.until.isoformat() == "2026-11-23T16:00:00+00:00"
    office.clock.now = caught.value.until + timedelta(minutes=1)
    channel.publish(parcel)
    office.finish()
    assert len(office.out()) == 2


def test_too_hasty_a_repeat_of_a_broadcast_may_be_out(office: Office) -> None:
    office.fault(Fault.ERRCODE, SUBMITS["broadcast"], code=45066)
    with pytest.raises(Uncertain):
        office.channel(mode="broadcast").publish(office.parcel())


def test_an_existing_broadcast_without_its_number_is_for_a_person(office: Office) -> None:
    channel = office.channel(mode="broadcast")
    parcel = office.parcel()
    office.fault(Fault.ERRCODE, SUBMITS["broadcast"], code=45065)
    with pytest.raises(Uncertain, match="没有给出编号"):
        channel.publish(parcel)
    with pytest.raises(Uncertain, match="没有给出编号"):
        channel.publish(parcel)
    assert isinstance(channel.look_up(parcel), Unknowable)


# Confirm


def test_a_job_that_runs_is_not_yet_published(office: Office, channel: WeChatChannel) -> None:
    parcel = office.parcel()
    receipt = channel.publish(parcel)
    assert channel.confirm(parcel, receipt) == receipt


def test_what_is_published_is_not_asked_again(office: Office, channel: WeChatChannel) -> None:
    published = Receipt("1", True)
    assert channel.confirm(office.parcel(), published) is published
    assert office.meter.calls.total() == 0


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        ("2", ContentRefused, "原创声明没有通过（第 2 篇）"),
        ("3", Refused, "微信发表失败"),
        ("4", ContentRefused, "没有通过微信的审核（第 2 篇）"),
    ],
)
def test_a_job_that_failed_is_refused_in_plain_words(
    office: Office, status: str, kind: type[ChannelError], said: str
) -> None:
    office.emulator.verdicts.waiting.append(Verdict("publish", status, (2,)))
    with pytest.raises(kind, match=said) as caught:
        done(office, office.channel(), a_post("一"), a_post("二"))
    assert type(caught.value) is kind


def test_articles_that_somebody_deleted_are_not_published(office: Office) -> None:
    channel, parcel = office.channel(), office.parcel()
    receipt = channel.publish(parcel)
    office.finish()
    channel.withdraw(channel.confirm(parcel, receipt), 0)
    with pytest.raises(Refused, match="全部删除"):
        channel.confirm(parcel, receipt)


def test_after_a_failed_job_a_person_may_send_it_anew(
    office: Office, channel: WeChatChannel, mode: str
) -> None:
    office.emulator.verdicts.waiting.append(Verdict("publish", "4"))
    office.emulator.verdicts.waiting.append(Verdict("broadcast", "err(40002)"))
    parcel = office.parcel()
    receipt = channel.publish(parcel)
    office.finish()
    with pytest.raises(Refused):
        channel.confirm(parcel, receipt)
    office.clock.forward(hours=20)
    channel.publish(parcel)
    office.finish()
    assert len(office.out()) == 1


def test_a_number_that_the_platform_does_not_know_yet_is_no_failure(office: Office) -> None:
    channel, parcel = office.channel(mode="broadcast"), office.parcel()
    receipt = channel.publish(parcel)
    office.fault(Fault.ERRCODE, "mass/get", code=40059)
    assert channel.confirm(parcel, receipt) == receipt


def test_a_refused_question_is_no_refused_post(office: Office, channel: WeChatChannel, mode: str) -> None:
    parcel = office.parcel()
    receipt = channel.publish(parcel)
    office.fault(Fault.ERRCODE, "freepublish/get" if mode == "publish" else "mass/get", code=40002)
    with pytest.raises(Uncertain):
        channel.confirm(parcel, receipt)


# Look up


def test_what_was_never_submitted_is_certainly_not_there(office: Office, channel: WeChatChannel) -> None:
    assert channel.look_up(office.parcel()) == NotThere("还没有向微信提交过。", certain=True)
    assert office.meter.calls.total() == 0


def test_a_lost_submit_that_never_arrived_is_not_there(
    office: Office, channel: WeChatChannel, mode: str
) -> None:
    parcel = lost(office, channel, mode, Fault.DROP_BEFORE)
    found = channel.look_up(parcel)
    assert isinstance(found, NotThere)
    assert not found.certain


def test_a_lost_submit_that_worked_is_found_in_the_published_list(office: Office) -> None:
    channel = office.channel()
    parcel = lost(office, channel, "publish", Fault.DROP_AFTER)
    office.finish()
    found = channel.look_up(parcel)
    assert isinstance(found, Found)
    assert list(found.receipt.addresses) == [shown.address for shown in office.shown()]
    channel.withdraw(found.receipt, 0)
    assert office.out() == []


def test_a_job_that_may_still_run_is_looked_up_later(office: Office) -> None:
    channel = office.channel()
    parcel = lost(office, channel, "publish", Fault.DROP_AFTER)
    with pytest.raises(Unavailable, match="还在处理"):
        channel.look_up(parcel)


def test_a_draft_that_is_gone_without_a_trace_is_for_a_person(
    office: Office, channel: WeChatChannel, mode: str
) -> None:
    parcel = lost(office, channel, mode, Fault.DROP_BEFORE)
    office.by_hand.draft.delete(parcel.notes.get("draft"))
    office.clock.forward(minutes=11)
    assert isinstance(channel.look_up(parcel), Unknowable)


def test_an_older_article_with_the_same_words_is_not_taken_for_this_one(office: Office) -> None:
    channel = office.channel()
    done(office, channel)
    office.clock.forward(hours=2)
    parcel = lost(office, channel, "publish", Fault.DROP_BEFORE)
    assert isinstance(channel.look_up(parcel), NotThere)


def test_without_the_right_to_read_a_person_decides_or_the_account_is_mended(office: Office) -> None:
    channel = office.channel()
    parcel = lost(office, channel, "publish", Fault.DROP_BEFORE)
    office.fault(Fault.ERRCODE, "draft/get", code=48001)
    with pytest.raises(AccountRefused):
        channel.look_up(parcel)
    office.fault(Fault.ERRCODE, "freepublish/batchget", code=40035)
    assert isinstance(channel.look_up(parcel), Unknowable)


def test_a_job_without_an_outcome_is_for_a_person_in_the_end(office: Office) -> None:
    channel, parcel = office.channel(mode="broadcast"), office.parcel()
    channel.publish(parcel)
    for hours, kind in ((1, Found), (12, Unknowable)):
        office.clock.forward(hours=hours)
        office.fault(Fault.ERRCODE, "mass/get", code=40059)
        assert isinstance(channel.look_up(parcel), kind)


# Withdraw


@pytest.mark.parametrize("index", [0, 1, 2])
def test_exactly_the_named_post_is_taken_down(office: Office, channel: WeChatChannel, index: int) -> None:
    receipt = done(office, channel, a_post("一"), a_post("二"), a_post("三"))
    channel.withdraw(receipt, index)
    assert [shown.withdrawn for shown in office.shown()] == [nth == index for nth in range(3)]


@pytest.mark.parametrize("index", [-1, -2])
def test_a_place_before_the_first_takes_nothing_down(
    office: Office, channel: WeChatChannel, index: int
) -> None:
    receipt = done(office, channel, a_post("一"), a_post("二"))
    with pytest.raises(Refused, match="没有撤回任何文章"):
        channel.withdraw(receipt, index)
    assert len(office.out()) == 2


def test_a_place_behind_the_last_takes_nothing_down(office: Office, channel: WeChatChannel) -> None:
    receipt = done(office, channel, a_post("一"), a_post("二"))
    with pytest.raises(Refused):
        channel.withdraw(receipt, 2)
    assert len(office.out()) == 2


def test_an_article_without_its_number_is_found_by_its_job(office: Office) -> None:
    channel = office.channel()
    receipt = done(office, channel)
    channel.withdraw(Receipt(receipt.reference, True, receipt.addresses), 0)
    assert office.out() == []


def test_a_broadcast_without_its_number_cannot_be_taken_down(office: Office) -> None:
    with pytest.raises(Refused, match="没有记下"):
        office.channel(mode="broadcast").withdraw(Receipt("", True), 0)


# Preview


def test_a_preview_shows_the_draft_to_one_person_and_publishes_nothing(office: Office) -> None:
    channel, parcel = office.channel(), office.parcel()
    channel.preview(parcel, "follower1")
    assert office.out() == []
    channel.publish(parcel)
    assert office.meter.calls["draft/add"] == 1


def test_a_preview_for_an_unknown_name_says_so(office: Office) -> None:
    with pytest.raises(Refused, match="微信号不正确"):
        office.channel().preview(office.parcel(), "nobody-here")


# Settings


def settings(**changes: Any) -> Settings:
    return Settings(**({"kind": "wechat", "appid": "wx1", "secret": "5ecret"} | changes))


def test_no_setting_shows_its_secret() -> None:
    own = settings(token="t0ken", aes_key="k" * 42 + "A")
    assert not any(secret in repr(own) + str(own) for secret in ("5ecret", "t0ken", "kkkk"))


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": ""},
        {"appid": ""},
        {"aes_key": "k" * 42},
        {"aes_key": "不是" * 20},
        {"mode": "both"},
        {"account_type": "personal"},
        {"author": "镇" * 17},
        {"unknown": 1},
    ],
)
def test_a_wrong_setting_is_refused_without_repeating_it(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**changes)
    assert "5ecret" not in str(caught.value)
    assert "kkkk" not in str(caught.value)


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_example_is_a_valid_account() -> None:
    example = resources.files("channels.wechat").joinpath("example.toml").read_text("utf-8")
    (account,) = tomllib.loads(example)["accounts"].values()
    assert Settings(**account).mode == "publish"


def test_the_accounts_author_signs_posts_without_one(office: Office) -> None:
    done(office, office.channel(author="县政府办"), a_post(author=""))
    assert "来源：县政府办" in office.shown()[0].text


def test_check_blocks_what_the_platform_would_refuse(office: Office) -> None:
    assert office.channel().check([a_post("一" * 33)])[0].sentence.startswith("标题有 33 个字")
    assert office.channel().check([an_illustrated_post("PNG")]) == []


def test_a_large_picture_goes_out_smaller(office: Office) -> None:
    large = noise((700, 700))
    post = a_post(html=f'<img src="picture:{large.sha256}">', pictures=(large,))
    done(office, office.channel(), post)
    assert [shown.pictures for shown in office.shown()] == [1]
