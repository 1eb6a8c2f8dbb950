"""What a file is, is told from its bytes; what cannot be taken in is told what to do instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import importing
from bot.errors import RuleBroken
from tests.bot.importing.offices import docx, packed, paragraph, xlsx

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
WORD = docx(paragraph("防汛通知") + paragraph("汛期将至。"))


@pytest.mark.parametrize("name", ["通知.doc", "通知", "通知.txt", "通知.wps"])
def test_a_word_document_under_another_name_is_read_and_told(name: str) -> None:
    found = importing.take_in(name, WORD)
    assert (found.title, found.text) == ("防汛通知", "汛期将至。")
    assert f"{name} 其实是Word 文档（.docx）" in found.notes[0]


@pytest.mark.parametrize("name", ["通知.doc", "通知.txt", "通知.docx"])
def test_a_web_page_under_another_name_is_read_and_told(name: str) -> None:
    page = "<html><body><h1>防汛通知</h1><p>汛期将至。</p></body></html>"
    found = importing.take_in(name, page.encode())
    assert (found.title, found.text) == ("防汛通知", "汛期将至。")
    assert "其实是网页" in found.notes[0]


def test_a_list_is_no_document() -> None:
    with pytest.raises(RuleBroken, match="不能当作一篇导入"):
        importing.take_in("a.xlsx", xlsx(("标题", "正文"), ("甲", "文")))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.doc", COMPOUND + "WordDocument".encode("utf-16-le"), "旧版 Word.*另存为 .docx"),
        ("a.xls", COMPOUND + "Workbook".encode("utf-16-le"), "旧版 Excel.*另存为 .xlsx"),
        ("a.wps", COMPOUND, "旧版 Office 或 WPS.*另存为 .docx"),
        ("a.docx", COMPOUND + "EncryptedPackage".encode("utf-16-le"), "加了密码"),
        ("a.rtf", rb"{\rtf1}", "RTF.*另存为 .docx"),
        ("a.pdf", b"%PDF-1.7", "PDF"),
        ("a.ofd", packed({"OFD.xml": "<x/>"}), "OFD"),
        ("a.odt", packed({"mimetype": "application/vnd.oasis"}), "OpenDocument"),
        ("a.mht", b"MIME-Version: 1.0\r\n", "另存为 .docx"),
        ("a.svg", b"<svg xmlns='x'><script>alert(1)</script></svg>", "SVG"),
        ("a.png", b'<?xml version="1.0"?><svg/>', "SVG"),
        ("a.xml", b'<?xml version="1.0"?><?mso-application progid="Word.Document"?>', "另存为 .docx"),
        ("a.docx", "只是文字".encode(), "与它的扩展名不符"),
        ("a.docx", b"", "与它的扩展名不符|空文件"),
        ("a.7z", b"7z\xbc\xaf", "改为 ZIP"),
    ],
)
def test_what_cannot_be_taken_in_is_told_what_to_do(name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(RuleBroken, match=f"{name}.*{sentence}"):
        importing.take_list(name, content)


@given(st.sampled_from([".docx", ".xlsx", ".zip", ".html", ".csv", ".md", ""]), st.binary(max_size=300))
def test_any_bytes_under_any_name_are_read_or_refused(ending: str, content: bytes) -> None:
    try:
        importing.take_list(f"a{ending}", content)
    except RuleBroken:
        return
