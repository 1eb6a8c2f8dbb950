"""The draft box: fields, limits, silent filtering, and a draft that leaves once it is used."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.wechat.emulator.filtering import Places, count_pictures, filtered, plain
from tests.channels.wechat.emulated import JPEG, PNG, Platform, article

NOTHING = Places(lambda _: False, lambda _: False)
EVERYTHING = Places(lambda _: True, lambda _: True)


@pytest.fixture
def platform() -> Platform:
    return Platform()


def code(answer: dict[str, Any]) -> int:
    found: int = answer.get("errcode", 0)
    return found


# Fields and limits


@pytest.mark.parametrize(
    ("field", "longest", "too_long"),
    [
        ("title", "题" * 32, 45003),
        ("author", "作" * 16, 45110),
        ("digest", "摘" * 128, 45004),
        ("content", "文" * 19_999, 45002),
        ("content_source_url", "http://a.example/" + "x" * 1007, 45005),
    ],
)
def test_a_field_has_a_longest_value(platform: Platform, field: str, longest: str, too_long: int) -> None:
    assert code(platform.add(**{field: longest})) == 0
    assert code(platform.add(**{field: longest + "x"})) == too_long


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"title": ""}, 40062),
        ({"title": " "}, 40062),
        ({"title": None}, 40062),
        ({"title": 7}, 47001),
        ({"content": ""}, 44003),
        ({"content": "🀄" * 19_999 + "x" * 1}, 45002),
        ({"content_source_url": "www.example"}, 41039),
        ({"content_source_url": "http://a b"}, 41039),
        ({"content_source_url": "http://["}, 41039),
        ({"thumb_media_id": ""}, 40007),
        ({"thumb_media_id": "unknown"}, 40007),
        ({"need_open_comment": 2}, 40035),
        ({"need_open_comment": True}, 47001),
        ({"article_type": "video"}, 45162),
        ({"product_info": {"footer_product_info": {"product_key": "abc"}}}, 53404),
        ({"content": "<mpvoice></mpvoice>"}, 45166),
        ({"content": '<a href="http://127.0.0.1:8800/s?tempkey=abc">x</a>'}, 45166),
    ],
)
def test_a_field_that_breaks_its_rule_is_refused(
    platform: Platform, fields: dict[str, Any], errcode: int
) -> None:
    assert code(platform.add(**fields)) == errcode
    assert platform.get("draft/count") == {"total_count": 0}


@pytest.mark.parametrize("articles", [None, [], {"title": "x"}, "x"])
def test_articles_are_a_list(platform: Platform, articles: Any) -> None:
    assert code(platform.post("draft/add", {"articles": articles})) == 44003


def test_a_draft_has_at_most_eight_articles(platform: Platform) -> None:
    assert code(platform.add(*({} for _ in range(8)))) == 0
    assert code(platform.add(*({} for _ in range(9)))) == 45008


def test_every_field_comes_back(platform: Platform) -> None:
    fields = {
        "title": "便民通告",
        "author": "县政府办",
        "digest": "一句话",
        "content_source_url": "https://a.example/1",
        "need_open_comment": 1,
        "only_fans_can_comment": 1,
    }
    read = platform.read(platform.draft(**fields))
    assert {name: read[name] for name in fields} == fields
    assert (read["article_type"], read["content"]) == ("news", "<p>正文第一段。</p>")
    assert platform.page(read["thumb_url"]).media_type == "image/png"


def test_without_a_digest_the_first_words_stand_in(platform: Platform) -> None:
    assert platform.read(platform.draft(content=f"<p>{'文' * 60}</p>"))["digest"] == "文" * 54


def test_only_an_article_on_its_own_has_a_digest(platform: Platform) -> None:
    media_id = platform.draft({"digest": "一"}, {"digest": "二"})
    assert [platform.read(media_id, index)["digest"] for index in (0, 1)] == ["", ""]


def test_comments_need_a_verified_account() -> None:
    assert code(Platform(verified=False).add(need_open_comment=1)) == 88000
    assert code(Platform(verified=False).add()) == 0


@pytest.mark.parametrize(
    ("size", "crop", "errcode"),
    [
        ((940, 400), "0_0_1_1", 0),
        ((940, 800), "0_0.25_1_0.75", 0),
        ((940, 800), "0_0.250000_1_0.750000", 0),
        ((940, 800), "0_0_1_1", 53402),
        ((940, 400), "0_0_1_1.1", 53402),
        ((940, 400), "0_0_1", 53402),
        ((940, 400), "0_0_1_0.1234567", 53402),
        ((940, 400), "1_0_0_1", 53402),
        ((940, 400), "a_b_c_d", 53402),
    ],
)
def test_a_cover_crop_must_have_its_ratio(
    platform: Platform, size: tuple[int, int], crop: str, errcode: int
) -> None:
    wanted = article(platform.cover(size), pic_crop_235_1=crop)
    assert code(platform.post("draft/add", {"articles": [wanted]})) == errcode


def test_crops_come_back_only_in_cover_info(platform: Platform) -> None:
    crop = {"ratio": "1_1", "x1": "0", "y1": "0", "x2": "0.5", "y2": "1"}
    wanted = article(
        platform.cover((800, 400)), pic_crop_1_1="0.5_0_1_1", cover_info={"crop_percent_list": [crop]}
    )
    read = platform.read(platform.post("draft/add", {"articles": [wanted]})["media_id"])
    assert "pic_crop_1_1" not in read
    assert read["cover_info"]["crop_percent_list"] == [
        {"ratio": "1_1", "x1": "0.5", "y1": "0", "x2": "1", "y2": "1"},
        crop,
    ]


# Picture messages


def test_a_picture_message_carries_plain_words_and_images(platform: Platform) -> None:
    images = [platform.cover() for _ in range(20)]
    read = platform.read(platform.draft(**picture_message(images)))
    assert read["article_type"] == "newspic"
    assert read["image_info"]["image_list"] == [{"image_media_id": image} for image in images]
    assert read["thumb_media_id"] == images[0]


def test_a_picture_message_has_one_to_twenty_permanent_images(platform: Platform) -> None:
    assert code(platform.add(**picture_message([]))) == 41026
    assert code(platform.add(**picture_message([platform.cover()] * 21))) == 40215
    assert code(platform.add(**picture_message(["unknown"]))) == 40007
    assert code(platform.add(article_type="newspic", content="图片说明")) == 41026


def test_a_picture_message_takes_no_html(platform: Platform) -> None:
    fields = picture_message([platform.cover()]) | {"content": "<p>x</p>"}
    assert code(platform.add(**fields)) == 45166


def picture_message(images: list[str]) -> dict[str, Any]:
    return {
        "article_type": "newspic",
        "content": "图片说明,3 < 5",
        "image_info": {"image_list": [{"image_media_id": image} for image in images]},
    }


# Escapes


def escaped(platform: Platform, **fields: str) -> Any:
    body = json.dumps({"articles": [article(platform.cover(), content="text") | fields]}, ensure_ascii=True)
    return platform.raw("draft/add", body.encode())


def test_an_escaped_character_counts_as_six(platform: Platform) -> None:
    assert code(escaped(platform, title="便民通告告")) == 0
    assert code(escaped(platform, title="便民通告告示")) == 45003
    assert code(escaped(platform, title="t", author="作者")) == 0
    assert code(escaped(platform, title="t", author="作者们")) == 45110


def test_an_escaped_character_is_shown_as_it_was_sent(platform: Platform) -> None:
    read = platform.read(escaped(platform, title="通告")["media_id"])
    assert read["title"] == "\\u901a\\u544a"


# Filtering


def test_filtering_is_silent(platform: Platform) -> None:
    own = platform.upload("media/uploadimg", JPEG)["url"].replace("&", "&amp;")
    kept = f'<p style="color:red;">甲&amp;乙</p><img src="{own}">'
    dropped = '<script>alert(1)</script><img src="https://elsewhere.example/a.png"><iframe src="x"></iframe>'
    answer = platform.add(content=kept + dropped)
    assert "errcode" not in answer
    assert platform.read(answer["media_id"])["content"] == kept


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ('<p id="a" onclick="x()">文</p>', "<p>文</p>"),
        ('<p style="position:fixed; color:red; background:url(x)">文</p>', '<p style="color:red;">文</p>'),
        ('<p style="display:grid">文</p>', "<p>文</p>"),
        ("<style>p{}</style><link href=x><meta name=a><p>文</p>", "<p>文</p>"),
        ("<form><input name=a><button>按</button></form>", "按"),
        ('<a href="https://elsewhere.example">文</a>', "<a>文</a>"),
        ("<object><p>内</p></object>外", "外"),
        ("<script>if (a < b) {}</script>文", "文"),
        ("<!-- 注 --><!DOCTYPE html><p>文</p>", "<p>文</p>"),
        ("<unknown>文</unknown>", "文"),
        ("甲&nbsp;乙&lt;丙&A&B&#20013;", "甲&nbsp;乙&lt;丙&A&B&#20013;"),
        ("一行<br>二行<br/>三行", "一行<br>二行<br/>三行"),
        ("<P Class='a\"b'>文</P>", '<p class="a&quot;b">文</p>'),
    ],
)
def test_what_the_platform_takes_out(content: str, kept: str) -> None:
    assert filtered(content, NOTHING) == kept


@given(st.text(st.sampled_from("<>/!-[]\"'&;= apscriptdivimgstyle汉\n"), max_size=80))
def test_any_text_can_be_filtered_and_stays_so(content: str) -> None:
    once = filtered(content, EVERYTHING)
    assert filtered(once, EVERYTHING) == once


@given(st.text(max_size=60))
def test_plain_words_pass_unchanged(words: str) -> None:
    safe = words.replace("<", "").replace("\0", "").replace("\ue000", "")
    assert filtered(f"<p>{safe}</p>", NOTHING) == f"<p>{safe}</p>"


def test_words_and_pictures_of_an_article_can_be_counted() -> None:
    content = "<p>第一段&amp;</p><p><img src=a>第二<b>段</b></p>"
    assert (plain(content), count_pictures(content)) == ("第一段&\n第二段", 1)


def test_only_pictures_of_this_platform_stay(platform: Platform) -> None:
    url = platform.upload("media/uploadimg", PNG)["url"]
    other_host = url.replace("127.0.0.1:8800", "elsewhere.example")
    content = "".join(f'<img src="{src}">' for src in (url, other_host, url + "x", "data:image/png;base64,x"))
    read = platform.read(platform.draft(content=f"<p>{content}</p>"))["content"]
    assert count_pictures(read) == 2  # what follows the picture's id in its address does not matter


def test_links_to_articles_that_are_out_stay(platform: Platform) -> None:
    job = platform.publish(platform.draft())
    address = job["article_detail"]["item"][0]["article_url"]
    link = f'<a href="{address}">旧文</a>'
    assert platform.read(platform.draft(content=link))["content"] == link
    unsent = f'<a href="{address}x">未发</a>'
    assert code(platform.add(content=unsent)) == 45166


# The other calls


def test_an_update_replaces_one_article_counted_from_zero(platform: Platform) -> None:
    media_id = platform.draft({"title": "一"}, {"title": "二"})
    changed = article(platform.cover(), title="新二")
    update = {"media_id": media_id, "index": 1, "articles": changed}
    assert platform.post("draft/update", update) == {"errcode": 0, "errmsg": "ok"}
    assert [platform.read(media_id, index)["title"] for index in (0, 1)] == ["一", "新二"]


def test_an_update_wants_one_object_a_place_and_a_cover(platform: Platform) -> None:
    media_id = platform.draft()
    changed = article(platform.cover())

    def update(articles: Any, index: int = 0, media_id: str = media_id) -> int:
        return code(
            platform.post("draft/update", {"media_id": media_id, "index": index, "articles": articles})
        )

    assert update([changed]) == 44003
    assert update(changed, index=1) == update(changed, index=-1) == 40114
    assert update(changed, media_id="x") == 40007
    assert update({"title": "题", "content": "文"}) == 40007


def test_drafts_are_listed_by_their_last_change(platform: Platform) -> None:
    first, second = platform.draft(title="甲"), platform.draft(title="乙")
    platform.later(seconds=5)
    platform.post(
        "draft/update", {"media_id": first, "index": 0, "articles": article(platform.cover(), title="丙")}
    )
    page = platform.post("draft/batchget", {"offset": 0, "count": 20, "no_content": 1})
    assert [item["media_id"] for item in page["item"]] == [first, second]
    assert (page["total_count"], page["item_count"]) == (2, 2)
    assert "content" not in page["item"][0]["content"]["news_item"][0]
    assert page["item"][0]["update_time"] == page["item"][1]["update_time"] + 5


def test_the_answer_with_articles_says_nothing_of_its_encoding(platform: Platform) -> None:
    body = json.dumps({"media_id": platform.draft()}).encode()
    assert platform.call("POST", "draft/get", body=body).response.media_type == "text/plain"


def test_a_deleted_draft_is_gone(platform: Platform) -> None:
    wanted = {"media_id": platform.draft()}
    assert code(platform.post("draft/delete", wanted)) == 0
    assert code(platform.post("draft/delete", wanted)) == code(platform.post("draft/get", wanted)) == 40007
    assert platform.get("draft/count") == {"total_count": 0}


def test_the_draft_box_is_open(platform: Platform) -> None:
    assert platform.post("draft/switch", {}, checkonly="1")["is_open"] == 1


def test_a_preview_shows_the_draft(platform: Platform) -> None:
    read = platform.read(platform.draft(title="预览一下"))
    assert "预览一下" in platform.page(read["url"]).body.decode()
