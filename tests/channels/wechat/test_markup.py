"""The body is rewritten so that nothing the platform would filter is left in it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.wechat.markup import ATTRIBUTES, KEPT, Link, read, rewritten

SHA = "a" * 64
ADDRESS = "http://mmbiz.qpic.cn/mmbiz_png/x/0?wx_fmt=png&from=app"


def html(source: str) -> str:
    return rewritten(source, {SHA: ADDRESS}).html


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("<div><div>一</div>二</div>", "<section><section>一</section>二</section>"),
        ('<p id="a" class="b" onclick="c()">一</p>', "<p>一</p>"),
        ("<p style='text-align:right;position:fixed'>落款</p>", '<p style="text-align:right">落款</p>'),
        ('<p align="center">题</p>', '<p style="text-align:center">题</p>'),
        ('<td colspan="2">一</td>', "一"),
        ("<p>一<script>alert(1)</script><style>p{}</style></p>", "<p>一</p>"),
        ("<p>一<iframe src='https://v.qq.com/x'></iframe></p>", "<p>一</p>"),
        ("<p>1 &lt; 2 &amp;amp; 3</p>", "<p>1 &lt; 2 &amp;amp; 3</p>"),
        ("<p>一\x01二</p>", "<p>一二</p>"),
        ("<pre>a  b\n c</pre>", "<pre>a\u00a0\u00a0b<br>\u00a0c</pre>"),
        ('<ol start="3"><li>三</li></ol>', '<ol start="3"><li>三</li></ol>'),
        ("<figure><figcaption>图一</figcaption></figure>", "<section><p>图一</p></section>"),
    ],
)
def test_what_the_filter_would_spoil_is_written_another_way(source: str, written: str) -> None:
    assert html(source) == written


def test_a_table_keeps_its_spans() -> None:
    table = '<table><tbody><tr><td colspan="2" rowspan="3">一</td></tr></tbody></table>'
    assert html(table) == table


def test_a_signed_picture_gets_the_platforms_address_escaped_once() -> None:
    assert html(f'<img src="picture:{SHA}" alt="图">') == (
        '<img src="http://mmbiz.qpic.cn/mmbiz_png/x/0?wx_fmt=png&amp;from=app" alt="图">'
    )


@pytest.mark.parametrize(
    "source", ["https://www.example.gov.cn/a.jpg", f"picture:{'b' * 64}", "data:image/png;base64,AA", ""]
)
def test_a_picture_from_elsewhere_is_reported_as_lost(source: str) -> None:
    found = rewritten(f'<p>一<img src="{source}"></p>', {SHA: ADDRESS})
    assert (found.html, len(found.lost)) == ("<p>一</p>", 1)


def test_a_picture_that_is_the_platforms_own_stays() -> None:
    source = '<img src="https://mmbiz.qpic.cn/a">'
    assert html(source) == source


def test_an_outside_link_becomes_text_with_its_address_at_the_foot() -> None:
    found = rewritten('<p>见<a href="https://www.example.gov.cn/a">全文</a>。</p>', {})
    assert found.html == "<p>见全文<sup>[1]</sup>。</p>"
    assert found.links == [Link("全文", "https://www.example.gov.cn/a")]


def test_the_same_link_twice_is_one_footnote() -> None:
    link = '<a href="https://www.example.gov.cn/a">全文</a>'
    assert len(rewritten(link + link, {}).links) == 1


def test_an_address_that_is_its_own_text_needs_no_footnote() -> None:
    found = rewritten('<a href="https://www.example.gov.cn/">https://www.example.gov.cn</a>', {})
    assert (found.html, found.links) == ("https://www.example.gov.cn", [])


def test_a_link_to_a_sent_article_stays_a_link() -> None:
    link = '<a href="https://mp.weixin.qq.com/s?__biz=a&amp;mid=1">往期</a>'
    assert html(link) == link


def test_a_preview_link_is_reported() -> None:
    found = rewritten('<a href="https://mp.weixin.qq.com/s?tempkey=a">预览</a>', {})
    assert (found.html, len(found.previews)) == ("预览", 1)


def test_reading_gives_text_and_pictures() -> None:
    found = read('<p>一&nbsp;二</p><img src="https://mmbiz.qpic.cn/a">')
    assert (found.text, found.pictures) == ("一\u00a0二", ["https://mmbiz.qpic.cn/a"])


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {(tag, name) for name, _ in attrs} | {(tag, "")}


PIECES = st.sampled_from(
    [
        *("<", ">", "&", '"', "'", "=", " ", "a", "一", "\n", "&#x1;", "<!--", "-->", "<script>", "<svg><p>"),
        *("<div id=x>", "</div>", "<a href=", "https://mp.weixin.qq.com/s", "</a>", "<img src=picture:"),
        *("style='position:x'", "</p>", "<pre>"),
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_whatever_comes_in_only_known_tags_and_attributes_come_out(source: str) -> None:
    tags = Tags()
    tags.feed(html(source))
    assert {tag for tag, _ in tags.seen} <= KEPT | {"a", "img"}
    assert {name for _, name in tags.seen} <= {
        "",
        "style",
        *(a for names in ATTRIBUTES.values() for a in names),
    }


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_no_character_of_the_text_is_lost(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    assert re.sub(r"\s", "", read(html(f"<p>{escaped}</p>")).text) == re.sub(r"\s", "", text)
