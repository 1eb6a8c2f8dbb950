"""Titles and digests: found where they stand, and never cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.importing import body, titles


@pytest.mark.parametrize(
    ("html", "title", "left"),
    [
        ("<h1>关于防汛的通知</h1><p>正文。</p>", "关于防汛的通知", "正文。"),
        ("<p>云溪镇</p><h1>关于<br>防汛的通知</h1><p>正文。</p>", "关于 防汛的通知", "云溪镇\n正文。"),
        ("<h2>关于防汛的通知</h2><p>正文。</p>", "关于防汛的通知", "正文。"),
        ("<p>关于防汛的通知</p><p>正文。</p>", "关于防汛的通知", "正文。"),
        ("<p>关于防汛</p><p>正文。</p>", "关于防汛", "正文。"),
        ("<p>通知甲</p><p>正文。</p>", "稿件", "通知甲\n正文。"),
        (f"<p>{'长' * 32}</p><p>正文。</p>", "长" * 32, "正文。"),
        (f"<p>{'长' * 33}</p><p>正文。</p>", "稿件", f"{'长' * 33}\n正文。"),
        ("<p>请注意安全。</p><p>正文。</p>", "稿件", "请注意安全。\n正文。"),
        ("<p>他说“注意安全！”</p><p>正文。</p>", "稿件", "他说“注意安全！”\n正文。"),
        ("<p>各村民委员会：</p><p>正文。</p>", "稿件", "各村民委员会：\n正文。"),
        ("<p>只有这一行文字</p>", "稿件", "只有这一行文字"),
        ("<p>正文。</p><h2>小标题</h2>", "稿件", "正文。\n小标题"),
    ],
)
def test_the_title_is_found_and_taken_out_of_the_body(html: str, title: str, left: str) -> None:
    root = body.parse(html)
    assert titles.take_title(root, "", "", "稿件.html")[0] == title
    assert body.plain_text(root) == left


def test_a_given_title_goes_first_and_leaves_other_headings_alone() -> None:
    root = body.parse("<h1>关于防汛的通知</h1><p>正文。</p>")
    assert titles.take_title(root, " 防汛  提醒\n", "", "a.html") == ("防汛 提醒", "")
    assert body.plain_text(root) == "关于防汛的通知\n正文。"


def test_a_given_title_that_is_the_heading_is_not_said_twice() -> None:
    root = body.parse("<h1>关于防汛的通知</h1><p>正文。</p>")
    titles.take_title(root, "关于防汛的通知", "", "a.html")
    assert body.plain_text(root) == "正文。"


def test_a_guess_is_told() -> None:
    root = body.parse("<p>只有这一行。</p>")
    assert "文件名“防汛”" in titles.take_title(root, "", "", "防汛.txt")[1]
    assert "网页标题" in titles.take_title(root, "", "防汛_云溪镇", "a.html")[1]
    assert "第一行" in titles.take_title(body.parse("<p>关于防汛的通知</p><p>甲。</p>"), "", "", "a")[1]


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("第一句。第二句！第三句？", "第一句。第二句！第三句？"),
        ("各村：\n为防汛，通知如下。请执行。\n第三段。", "为防汛，通知如下。请执行。"),
        (f"{'长' * 53}。尾句。", f"{'长' * 53}。"),
        (f"{'长' * 54}。", ""),
        (f"短句。{'长' * 60}。", "短句。"),
        ("没有句号的一行", ""),
        ("他说：“注意安全。”大家记住了。", "他说：“注意安全。”大家记住了。"),
        ("", ""),
    ],
)
def test_a_digest_is_whole_sentences_or_nothing(text: str, digest: str) -> None:
    assert titles.digest(text) == digest


@given(st.text(st.sampled_from("甲乙丙。！\uff01？”\n "), max_size=200))
def test_a_digest_never_ends_inside_a_sentence(text: str) -> None:
    digest = titles.digest(text)
    assert len(digest) <= titles.DIGEST
    assert digest in text
    assert not digest or digest.rstrip("”")[-1] in titles.STOPS


def test_a_page_tells_its_title_and_where_it_was_saved_from() -> None:
    page = "<!-- saved from url=(0027)https://www.example.gov.cn/a --><TITLE lang=zh>甲&amp;乙\n</TITLE>"
    assert titles.page_title(page) == "甲&乙"
    assert titles.page_address(page) == "https://www.example.gov.cn/a"
    assert titles.page_title("<p>甲</p>") == titles.page_address("<p>甲</p>") == ""


def test_a_file_name_in_another_encoding_can_be_said() -> None:
    assert titles.tidy("\udcb9\udcab.txt").encode()
