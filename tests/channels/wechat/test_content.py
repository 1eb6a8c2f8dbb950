"""From a post to an article: the platform's limits, the house style, and what came back."""

from typing import Any

import pytest

from channels.base import Level, Picture, Post
from channels.errors import ContentRefused
from channels.wechat.content import (
    all_differences,
    article,
    check,
    content,
    cover_of,
    differences,
    used_pictures,
)
from tests.channels.wechat.drawing import picture

SHOWN = picture("JPEG")
SOURCE = "https://www.example.gov.cn/a/1.html"


def post(**fields: Any) -> Post:
    given = {"title": "关于测试的通知", "html": "<p>正文。</p>", "text": "正文。", "cover": SHOWN}
    return Post(**{**given, **fields})


def made(item: Post, **options: Any) -> dict[str, Any]:
    addresses = {each.sha256: "http://mmbiz.qpic.cn/a" for each in item.pictures}
    given: dict[str, Any] = {"author": "云溪镇", "comments": False, "fans_only": False}
    return article(item, addresses, "cover1", **{**given, **options})


def blocks(item: Post) -> list[str]:
    return [problem.sentence for problem in check([item], "") if problem.level is Level.BLOCK]


def warnings(item: Post) -> list[str]:
    return [problem.sentence for problem in check([item], "") if problem.level is Level.WARN]


# Articles


def test_an_article_carries_every_field_of_the_draft() -> None:
    item = post(digest="摘要", author="政务公开办", source=SOURCE)
    entry = made(item, comments=True, fans_only=True)
    assert "正文。" in entry.pop("content")
    assert entry == {
        "article_type": "news",
        "title": "关于测试的通知",
        "author": "政务公开办",
        "digest": "摘要",
        "content_source_url": SOURCE,
        "thumb_media_id": "cover1",
        "need_open_comment": 1,
        "only_fans_can_comment": 1,
    }


def test_the_accounts_author_stands_in_for_a_missing_one() -> None:
    assert made(post())["author"] == "云溪镇"
    assert "来源：云溪镇" in made(post())["content"]


def test_comments_of_followers_only_need_open_comments() -> None:
    assert made(post(), fans_only=True)["only_fans_can_comment"] == 0


def test_every_style_is_written_into_its_tag() -> None:
    html = made(post(html="<h2>一、总则</h2><p>正文。</p>"))["content"]
    assert "<style" not in html
    assert "class=" not in html
    assert '<p style="margin:0 0 1em">正文。</p>' in html


def test_head_and_foot_escape_what_they_show() -> None:
    item = post(
        author="<b>镇</b>", source=f"{SOURCE}?a=1&b=2", html=f'<a href="{SOURCE}?q=1&amp;r=2">全<b>文</b></a>'
    )
    html = made(item)["content"]
    assert "来源：&lt;b&gt;镇&lt;/b&gt;" in html
    assert f"[1] 全文：{SOURCE}?q=1&amp;r=2" in html
    assert f"原文：{SOURCE}?a=1&amp;b=2" in html


def test_without_links_and_source_there_is_no_foot() -> None:
    html, _ = content(post(), {}, "")
    assert html.count("<section") == 1


def test_words_of_a_template_in_the_text_stay_text() -> None:
    assert "{{ author }}{% if %}" in made(post(html="<p>{{ author }}{% if %}</p>"))["content"]


@pytest.mark.parametrize("field", ["title", "digest", "author", "html"])
@pytest.mark.parametrize("bad", ["\ud83d", "\x02"])
def test_what_cannot_be_sent_is_the_editors_to_mend(field: str, bad: str) -> None:
    item = post(**{field: f"一{bad}二"})
    with pytest.raises(ContentRefused, match="控制字符"):
        made(item)
    assert any("控制字符" in sentence for sentence in blocks(item))


def test_a_post_without_a_cover_gets_a_drawn_one() -> None:
    assert cover_of(post(cover=None)).media_type == "image/png"
    assert cover_of(post()).content == SHOWN.content


def test_only_pictures_of_the_body_are_uploaded_each_once() -> None:
    unused, shown = picture("PNG"), SHOWN
    item = post(html=f'<img src="picture:{shown.sha256}">' * 2, pictures=(shown, unused, shown))
    assert used_pictures(item) == [shown]


# Limits


def test_a_post_within_the_limits_has_no_problem() -> None:
    assert check([post(title="一" * 32, author="二" * 16, digest="三" * 128, source=SOURCE)], "") == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": "一" * 33}, "标题有 33 个字，微信最多 32 个字"),
        ({"title": "  "}, "没有标题"),
        ({"author": "二" * 17}, "作者有 17 个字，微信最多 16 个字"),
        ({"digest": "三" * 129}, "摘要有 129 个字，微信最多 128 个字"),
        ({"html": "<p> </p>"}, "正文是空的"),
        ({"html": f"<p>{'四' * 20_000}</p>"}, "少于 20000 个"),
        ({"html": '<p>一</p><img src="https://www.example.gov.cn/a.jpg">'}, "1 张图片没有随稿件上传"),
        ({"html": '<a href="https://mp.weixin.qq.com/s?tempkey=a">看</a>'}, "临时预览链接"),
        ({"source": "www.example.gov.cn"}, "来源网址不是完整的网址"),
        ({"source": "https://www.example.gov.cn/" + "a" * 1024}, "来源网址不是完整的网址"),
        ({"source": "https://["}, "来源网址不是完整的网址"),
        ({"cover": Picture("封", "image/png", b"none")}, "“封”打不开"),
    ],
)
def test_what_the_platform_would_refuse_is_blocked(fields: dict[str, Any], said: str) -> None:
    found = blocks(post(**fields))
    assert len(found) == 1
    assert said in found[0]


def test_the_default_author_is_measured_too() -> None:
    assert any("作者有 17 个字" in problem.sentence for problem in check([post()], "镇" * 17))


def test_a_long_report_with_many_paragraphs_still_fits() -> None:
    assert blocks(post(html=f"<p>{'四' * 75}</p>" * 160)) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cover": None}, "没有封面"),
        ({"cover": picture("WEBP")}, "封面“图一”格式会转为 jpg"),
        ({"html": f'<p>见<a href="{SOURCE}">全文</a></p>'}, "1 个外部链接"),
    ],
)
def test_what_we_help_with_is_only_a_warning(fields: dict[str, Any], said: str) -> None:
    item = post(**fields)
    assert blocks(item) == []
    assert [said in sentence for sentence in warnings(item)] == [True]


def test_a_picture_to_be_converted_is_a_warning() -> None:
    shown = picture("WEBP")
    item = post(html=f'<img src="picture:{shown.sha256}">', pictures=(shown,))
    assert (blocks(item), len(warnings(item))) == ([], 1)


def test_a_ninth_article_is_blocked_and_problems_name_their_place() -> None:
    found = check([post()] * 8 + [post(title="")], "")
    assert [problem.index for problem in found] == [8, 8]


# What came back


SENT: dict[str, object] = {
    "title": "通知",
    "author": "镇",
    "digest": "",
    "content": '<p>一 二</p><img src="a">',
}


def kept(**fields: object) -> dict[str, object]:
    return {**SENT, **fields}


def test_other_white_space_is_no_difference() -> None:
    assert differences(SENT, kept(content='<p>一&nbsp;\n二\u200b </p><img src="b">', title=" 通知")) == []


def test_a_digest_made_by_the_platform_is_no_difference() -> None:
    assert differences(SENT, kept(digest="一二")) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"content": "<p>一 二</p>"}, "图片送出 1 张，只存下 0 张"),
        ({"content": '<p>一</p><img src="a">'}, "“一二”附近"),
        ({"content": '<p>一二三</p><img src="a">'}, "送出 2 字，存下 3 字"),
        ({"title": "通"}, "标题被改为“通”"),
        ({"author": ""}, "作者被改为“”"),
    ],
)
def test_what_was_filtered_is_named(fields: dict[str, object], said: str) -> None:
    found = differences(SENT, kept(**fields))
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize("odd", [None, [], {}, "text", [None], [1, 2]])
def test_an_odd_draft_is_a_difference_and_no_failure(odd: object) -> None:
    assert all_differences([SENT], odd) != []


def test_differences_of_several_articles_name_their_place() -> None:
    assert all_differences([SENT, SENT], [kept(), kept(title="改")]) == ["第 2 篇：标题被改为“改”"]
    assert all_differences([SENT, SENT], [kept()]) == ["送出 2 篇，微信只存了 1 篇"]
