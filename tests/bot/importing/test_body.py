"""Whatever comes in, nothing but the allow-list comes out; and the text is the same body."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import RuleBroken
from bot.importing import body

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.test/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    "<a href='\tjava\nscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<p style='background:url(javascript:alert(1))' id=a class=b onclick=alert(1)>x</p>",
    "<!--[if gte mso 9]><script>alert(1)</script><![endif]-->",
    "<form action=//evil.test><input name=a><button>x</button></form>",
    "<base href=//evil.test/><link rel=stylesheet href=//evil.test/a.css><meta http-equiv=refresh content=0>",
    "<td colspan='1;x' rowspan=x>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<template><script>x</script></template><object data=x></object><embed src=x>",
    "<img src='https://evil.test/pixel.gif'><img src='picture:0'>",
]
PIECES = [
    *ATTACKS,
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<table><tr><td>",
    "</table>",
    "<b>",
    "</b>",
    "<a",
    "'",
    '"',
    ">",
]


class Judge(HTMLParser):
    """Notes everything that the allow-list does not name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in body.TAGS:
            self.wrong.append(tag)
        for name, value in attrs:
            if name not in body.ATTRIBUTES.get(tag, set()) or not self.fits(name, value or ""):
                self.wrong.append(f"{name}={value}")

    def fits(self, name: str, value: str) -> bool:
        if name == "href":
            return value.lower().startswith(("http://", "https://", "mailto:"))
        if name == "src":
            return value.startswith("picture:")
        return name == "alt" or value.isdecimal()

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"<!{decl}")


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_known_attack_comes_through(attack: str) -> None:
    assert Judge(body.write(body.parse(attack))).wrong == []
    assert Judge(body.sanitise(attack)).wrong == []


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join))
def test_nothing_but_the_allow_list_comes_through(html: str) -> None:
    try:
        written = body.write(body.parse(html))
    except RuleBroken:
        return
    assert Judge(written).wrong == []
    assert body.sanitise(written) == written


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join))
def test_what_came_out_comes_out_the_same_again(html: str) -> None:
    root = body.parse(html)
    again = body.parse(body.write(root))
    assert body.write(again) == body.write(root)


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_plain_text_stays_the_same_text(text: str) -> None:
    lines = [" ".join(body.clean(line).split()) for line in text.splitlines()]
    root = body.parse(body.paragraphs(text))
    assert body.plain_text(root).split() == " ".join(lines).split()


def shown(html: str) -> str:
    return body.write(body.parse(html))


def text(html: str) -> str:
    return body.plain_text(body.parse(html))


@pytest.mark.parametrize(
    ("given_html", "kept"),
    [
        ("<div>甲<div>乙</div>丙</div>", "<p>甲</p><p>乙</p><p>丙</p>"),
        ("<p class=MsoNormal style='x'><span lang=EN-US>甲</span><o:p></o:p></p>", "<p>甲</p>"),
        ("<p>\u3000\u3000甲<b>乙</b><i>丙</i>\u3000</p>", "<p>甲<strong>乙</strong><em>丙</em></p>"),
        ("<p>&nbsp;</p><p>甲</p><p><br></p>", "<p>甲</p>"),
        ("<b><p>甲</p></b>", "<p>甲</p>"),
        ("甲<br>乙", "<p>甲<br>乙</p>"),
        ("<h2><div>甲</div><div>乙</div></h2>", "<h2>甲 乙</h2>"),
        ("<td>甲</td>", "<p>甲</p>"),
        ("<ul><li><p>甲</p></li><li>乙<ul><li>丙</li></ul></li></ul>",
         "<ul><li>甲</li><li><p>乙</p><ul><li>丙</li></ul></li></ul>"),
        ("<table><tr><td><p>甲</p></td><td></td></tr></table>",
         "<table><tbody><tr><td>甲</td><td></td></tr></tbody></table>"),
        ("<table><tr><th colspan=2 width=9>甲</th></tr></table>",
         '<table><tbody><tr><th colspan="2">甲</th></tr></tbody></table>'),
        ("<blockquote>甲</blockquote>", "<blockquote><p>甲</p></blockquote>"),
        ("<pre>a\n  b</pre>", "<pre>a\n  b</pre>"),
        ("<p>甲<hr>乙", "<p>甲</p><hr><p>乙</p>"),
        ("<a href='https://h/?a=1&b=2'>甲</a>", '<p><a href="https://h/?a=1&amp;b=2">甲</a></p>'),
        ("<p>一行\n  又一行</p>", "<p>一行又一行</p>"),
        ("<p>one\n  two</p>", "<p>one two</p>"),
        ("<p>a\u200b\u0301b&#1;</p>", "<p>\u00e1b</p>"),
        ("<ul></ul><p>甲</p>", "<p>甲</p>"),
    ],
)  # fmt: skip
def test_what_offices_paste_becomes_plain_blocks(given_html: str, kept: str) -> None:
    assert shown(given_html) == kept


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<h1>甲</h1><p>乙<br>丙</p>", "甲\n乙\n丙"),
        (
            "<table><tr><th>村</th><th>户</th></tr><tr><td>东村</td><td>1<p>2</p></td></tr></table>",
            "村\t户\n东村\t1 2",
        ),
        ("<ol start=3><li>甲</li><li>乙<ul><li>丙</li></ul></li></ol>", "3. 甲\n4. 乙\n丙"),
        ("<p>甲&amp;乙 &lt;丙&gt;</p>", "甲&乙 <丙>"),
        ("<p>甲<img src=a.png alt=图></p>", "甲"),
    ],
)
def test_the_text_has_a_line_for_each_block_and_row(html: str, kept: str) -> None:
    assert text(html) == kept


def test_a_page_that_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(RuleBroken, match="嵌套太深"):
        body.parse("<blockquote>" * 500 + "甲")


def test_decomposed_characters_are_composed() -> None:
    assert text("<p>cafe\u0301</p>") == "caf\u00e9"
