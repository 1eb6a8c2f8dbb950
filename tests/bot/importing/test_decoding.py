"""Text in any of the usual encodings is read; everything else is refused by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import RuleBroken
from bot.importing.decoding import decode
from tests.bot.importing.samples import drawn

TEXT = "云溪镇公告\n各位乡亲：请注意防汛，电话 0599-0000000。\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_the_usual_encodings_are_read(encoding: str) -> None:
    assert decode(TEXT.encode(encoding), "a.txt")[0] == TEXT


def test_big_endian_utf_16_is_read() -> None:
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be"), "a.txt")[0] == TEXT


def test_a_guess_is_told() -> None:
    assert "GB18030" in decode(TEXT.encode("gbk"), "a.txt")[1]
    assert decode(TEXT.encode(), "a.txt")[1] == ""


def test_traditional_characters_in_gbk_are_read() -> None:
    assert decode("雲溪鎮政務公開".encode("gbk"), "a.txt")[0] == "雲溪鎮政務公開"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "空文件"),
        (b" \r\n\t", "空文件"),
        ("\u3000\u3000\n".encode(), "没有文字"),
        (b"\xef\xbb\xbf", "没有文字"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04\x14\x00", "Word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "旧版 Word"),
        (rb"{\rtf1\ansi}", "RTF"),
        (drawn("PNG"), "图片"),
        (drawn("JPEG"), "图片"),
        (drawn("GIF"), "图片"),
        (b"text\x00text", "空字节"),
        (TEXT.encode("utf-16-le"), "空字节|认不出"),
        (TEXT.encode("utf-32"), "空字节|认不出"),
        (b"text\x07text", "控制字符"),
        ("雲溪鎮政府公告，各位鄉親注意。".encode("big5"), "认不出"),
        ("café déjà vu".encode("latin-1"), "认不出"),
        (b"\xff\xfe\x00\xd8", "认不出"),
        (bytes(range(128, 256)), "认不出"),
    ],
)
def test_what_is_no_text_is_refused_by_name(content: bytes, sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence) as caught:
        decode(content, "附件.txt")
    assert "附件.txt" in str(caught.value)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        text, _ = decode(content, "a.txt")
    except RuleBroken:
        return
    assert "\0" not in text
    assert text.strip()
