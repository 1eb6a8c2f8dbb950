"""Word: what a reader sees comes in; what is hidden, deleted, remarked or fetched from outside does not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import importing
from bot.errors import RuleBroken
from bot.importing import Imported
from tests.bot.importing.offices import (
    R,
    docx,
    listed,
    numbered,
    packed,
    paragraph,
    picture,
    picture_relation,
)
from tests.bot.importing.samples import drawn

BODY = paragraph("汛期将至，请做好准备。")


def taken(body: str, **parts: object) -> Imported:
    return importing.take_in("通知.docx", docx(body, **parts))  # type: ignore[arg-type]


def test_headings_emphasis_and_tables_come_in() -> None:
    cell = "<w:tc>{}</w:tc>"
    row = "<w:tr>" + cell.format(paragraph("东村")) + cell.format(paragraph("12")) + "</w:tr>"
    found = taken(
        paragraph("防汛通知", '<w:pStyle w:val="T"/>')
        + paragraph("要求", '<w:pStyle w:val="1"/>')
        + paragraph("注意", look="<w:b/>")
        + f"<w:tbl>{row}</w:tbl>"
    )
    assert (found.title, found.notes) == ("防汛通知", ())
    assert found.html == (
        "<h1>要求</h1><p><strong>注意</strong></p>"
        "<table><tbody><tr><td>东村</td><td>12</td></tr></tbody></table>"
    )


def test_pictures_come_in_with_their_words() -> None:
    found = taken(
        BODY + picture(words="水位"), relations=picture_relation(), more={"word/media/a.png": drawn()}
    )
    (kept,) = found.pictures
    assert (kept.name, kept.alt, kept.media_type) == ("图片1.png", "水位", "image/png")
    assert f'src="picture:{kept.sha256}"' in found.html


@pytest.mark.parametrize("words", ["C:\\Users\\zhang\\a.png", "人群 描述已自动生成"])
def test_words_that_a_machine_wrote_stay_behind(words: str) -> None:
    found = taken(picture(words=words), relations=picture_relation(), more={"word/media/a.png": drawn()})
    assert found.pictures[0].alt == ""


@pytest.mark.parametrize(
    "hidden",
    [
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>机密</w:t></w:r></w:p>",
        '<w:p><w:r><w:rPr><w:rStyle w:val="Heir"/></w:rPr><w:t>机密</w:t></w:r></w:p>',
        '<w:p><w:del w:author="x"><w:r><w:delText>机密</w:delText><w:t>机密</w:t></w:r></w:del></w:p>',
        '<w:p><w:moveFrom w:author="x"><w:r><w:t>机密</w:t></w:r></w:moveFrom></w:p>',
        '<w:tbl><w:tr><w:trPr><w:del w:author="x"/></w:trPr>'
        "<w:tc><w:p><w:r><w:t>机密</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
        '<w:p><w:r><w:instrText>INCLUDETEXT "机密"</w:instrText></w:r></w:p>',
    ],
)
def test_what_nobody_sees_stays_behind(hidden: str) -> None:
    assert taken(BODY + hidden).text == taken(BODY).text


def test_inserted_text_comes_in_and_its_author_does_not() -> None:
    found = taken('<w:p><w:ins w:author="张三"><w:r><w:t>新的一句。</w:t></w:r></w:ins></w:p>' + BODY)
    assert "新的一句。" in found.title + found.text
    assert "张三" not in repr(found)


def test_comments_and_properties_stay_behind() -> None:
    said = f'<w:comments xmlns:w="x"><w:comment>{"机密"}</w:comment></w:comments>'
    found = taken(
        BODY + '<w:p><w:r><w:commentReference w:id="1"/></w:r></w:p>',
        relations=f'<Relationship Id="c" Type="{R}/comments" Target="comments.xml"/>',
        more={"word/comments.xml": said, "docProps/core.xml": "<x>机密</x>"},
    )
    assert "机密" not in repr(found)


@pytest.mark.parametrize(
    ("form", "shape", "labels"),
    [
        ("chineseCountingThousand", "%1、", ["一、", "二、"]),
        ("chineseCounting", "（%1）", ["（一）", "（二）"]),
        ("chineseCountingThousand", "第%1条", ["第一条 ", "第二条 "]),
        ("decimalEnclosedCircle", "%1", ["① ", "② "]),
        ("upperRoman", "%1.", ["I.", "II."]),
        ("decimal", "(%1)", ["(1)", "(2)"]),
    ],
)
def test_automatic_numbers_are_words_of_the_text(form: str, shape: str, labels: list[str]) -> None:
    found = taken(BODY + numbered("甲") + paragraph("间") + numbered("乙"), numbering=listed(form, shape))
    assert found.text.splitlines()[-3:] == [f"{labels[0]}甲", "间", f"{labels[1]}乙"]


def test_a_chinese_list_counts_beyond_ten() -> None:
    body = "".join(numbered("项") for _ in range(21))
    lines = taken(BODY + body, numbering=listed("chineseCounting", "%1、")).text.splitlines()
    assert [lines[at] for at in (-12, -11, -2, -1)] == ["十、项", "十一、项", "二十、项", "二十一、项"]


@pytest.mark.parametrize(("form", "tag"), [("decimal", "ol"), ("bullet", "ul")])
def test_a_plain_list_stays_a_list(form: str, tag: str) -> None:
    found = taken(BODY + paragraph("二") + numbered("甲") + numbered("乙"), numbering=listed(form, "%1."))
    assert f"<{tag}><li>甲</li><li>乙</li></{tag}>" in found.html


def test_a_plain_list_that_goes_on_later_keeps_its_numbers() -> None:
    found = taken(
        BODY + numbered("甲") + paragraph("间") + numbered("乙"), numbering=listed("decimal", "%1.")
    )
    assert found.text.splitlines()[-1] == "2.乙"


@pytest.mark.parametrize("relation", ['r:embed="p1"', 'r:link="p1"'])
def test_a_picture_that_lies_outside_is_left_out_and_told(relation: str) -> None:
    found = taken(
        BODY + picture(relation), relations=picture_relation("https://evil.example/a.png", "External")
    )
    assert found.pictures == ()
    assert any("1 张图片不在文档里" in note for note in found.notes)


def test_what_cannot_be_shown_is_told() -> None:
    found = taken(BODY + "<w:p><m:oMath><m:r><m:t>x</m:t></m:r></m:oMath></w:p>")
    assert any("公式没有导入" in note for note in found.notes)


def with_media(name: str) -> bytes:
    more: dict[str, bytes | str] = {f"word/media/{name}": b"<svg/>"}
    return docx(picture(), relations=picture_relation(f"media/{name}"), more=more)


MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
DTD = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (docx(BODY, main=MACRO), "有宏"),
        (docx(BODY, more={"word/vbaProject.bin": b"x"}), "有宏"),
        (docx(BODY, more={"word/document.xml": DTD + "<x>&b;</x>"}), "外部实体"),
        (docx(BODY, more={"[Content_Types].xml": DTD + "<x/>"}), "外部实体"),
        (docx(BODY, more={"word/styles.xml": DTD + "<x/>"}), "外部实体"),
        (docx(BODY, more={"word/document.xml": "<x>" * 500 + "</x>" * 500}), "结构太复杂"),
        (docx(BODY, more={"word/document.xml": "<x>" + "<y/>" * 300_001 + "</x>"}), "结构太复杂|压缩得异常"),
        (docx(BODY, more={"word/document.xml": "<broken"}), "已损坏"),
        (packed({"[Content_Types].xml": "<Types/>"}), "不是 Word"),
        (docx(BODY)[:-40], "已损坏"),
        (with_media("a.emf"), "EMF 矢量图"),
        (with_media("a.png"), "不是能打开的图片"),
        (docx(picture(), relations=picture_relation()), "已损坏"),
    ],
)  # fmt: skip
def test_a_hostile_document_is_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence) as caught:
        importing.take_in("通知.docx", content)
    assert str(caught.value).startswith("通知.docx") or "图片1" in str(caught.value)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_broken_document_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(docx(BODY + numbered("甲"), numbering=listed("chineseCounting", "%1、")))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        importing.take_list("a.docx", bytes(content))
    except RuleBroken:
        return


XML = st.recursive(
    st.sampled_from(["<w:t>文</w:t>", "<w:tab/>", "<w:br/>", '<w:fldChar w:fldCharType="end"/>']),
    lambda inner: st.tuples(
        st.sampled_from(
            ["p", "r", "tbl", "tr", "tc", "hyperlink", "sdt", "ins", "del", "pict", "numPr", "pPr"]
        ),
        st.lists(inner, max_size=4),
    ).map(lambda made: f"<w:{made[0]}>{''.join(made[1])}</w:{made[0]}>"),
    max_leaves=20,
)


@settings(max_examples=80, deadline=None)
@given(st.lists(XML, max_size=6))
def test_any_tree_of_word_is_read_or_refused(parts: list[str]) -> None:
    try:
        importing.take_in("a.docx", docx("".join(parts)))
    except RuleBroken:
        return
