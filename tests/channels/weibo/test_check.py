from typing import Any

import pytest

from channels.base import Level, Picture, Problem
from channels.weibo.channel import WeiboChannel
from tests.channels.weibo.office import Office, a_picture, a_post

COVER = "https://yunxi.gov.example/cover.png"


def only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, problems
    return problems[0]


def test_a_good_post_has_no_problem(channel: WeiboChannel) -> None:
    assert channel.check([a_post(cover=a_picture())]) == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"title": "长" * 120}, "标题和链接共 133 个字"),
        ({"short": "长" * 130}, "微博正文共 141 个字"),
        ({"source": ""}, "yunxi.gov.example 的链接"),
        ({"source": "https://other.example/1"}, "yunxi.gov.example 的链接"),
        ({"short": "#云溪# 通告"}, "#话题#"),
        ({"title": "", "digest": "", "text": ""}, "没有文字"),
        ({"cover": Picture("坏图.png", "image/png", b"no picture")}, "坏图.png"),
    ],
)
def test_what_the_platform_would_refuse_is_blocked(
    changes: dict[str, Any], word: str, channel: WeiboChannel
) -> None:
    problem = only(channel.check([a_post(**changes)]))
    assert problem.level is Level.BLOCK
    assert word in problem.sentence


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"digest": "长" * 130 + "。"}, "导语的第一句放不下"),
        ({"cover": a_picture(), "pictures": (a_picture(size=(9, 9)),)}, "只能带一张"),
    ],
)
def test_what_would_be_lost_is_warned_of(changes: dict[str, Any], word: str, channel: WeiboChannel) -> None:
    problem = only(channel.check([a_post(**changes)]))
    assert problem.level is Level.WARN
    assert word in problem.sentence


def test_a_cover_that_also_stands_in_the_body_is_one_picture(channel: WeiboChannel) -> None:
    assert channel.check([a_post(cover=a_picture(), pictures=(a_picture(),))]) == []


def test_one_act_carries_one_post(channel: WeiboChannel) -> None:
    problem = only(channel.check([a_post(), a_post("第二条")]))
    assert (problem.level, problem.index) == (Level.BLOCK, 1)
    assert only(channel.check([])).level is Level.BLOCK


def test_the_accounts_own_link_makes_up_for_a_missing_source(office: Office) -> None:
    channel = office.channel(link="https://yunxi.gov.example/")
    assert channel.check([a_post(source="")]) == []


def test_an_article_may_do_without_link_and_with_topics(office: Office) -> None:
    channel = office.channel(mode="article", cover_url=COVER)
    assert channel.check([a_post("#云溪# 通告", source="")]) == []


@pytest.mark.parametrize(
    ("changes", "level", "word"),
    [
        ({"title": "长" * 33}, Level.BLOCK, "33 个字"),
        ({"html": " "}, Level.BLOCK, "没有正文"),
        ({"html": "<p>" + "长" * 90_000 + "</p>"}, Level.BLOCK, "90000"),
        ({"html": '<p>图</p><img src="picture:abc">'}, Level.WARN, "图片不会出现"),
        ({"html": "<pre>代码</pre>"}, Level.WARN, "代码格式"),
    ],
)
def test_an_article_has_limits_of_its_own(
    changes: dict[str, Any], level: Level, word: str, office: Office
) -> None:
    channel = office.channel(mode="article", cover_url=COVER)
    problem = only(channel.check([a_post(**changes)]))
    assert problem.level is level
    assert word in problem.sentence


def test_an_article_needs_a_public_cover(office: Office) -> None:
    assert "cover_url" in only(office.channel(mode="article").check([a_post()])).sentence


def test_checking_makes_no_call(channel: WeiboChannel, office: Office) -> None:
    channel.check([a_post(cover=a_picture())])
    assert not office.emulator.calls
