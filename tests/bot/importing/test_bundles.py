"""ZIPs of documents: each with the pictures in its folder; all or none; and hostile ones unopened."""

import stat
import struct
import time
import tracemalloc
from zipfile import ZIP_BZIP2, ZipInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import importing
from bot.errors import RuleBroken
from bot.importing import ListRefused
from bot.importing.package import Package
from tests.bot.importing.offices import docx, packed, paragraph, xlsx
from tests.bot.importing.samples import drawn

MARKDOWN = "# 甲通知\n\n甲的正文。\n\n![水位](图/水位.png)\n"

BUNDLE = packed({"a.md": "# 甲\n\n文", "b.csv": "标题,正文\n甲,文", "c.xlsx": xlsx(("标题", "正文"))})


def test_documents_come_with_the_pictures_beside_them() -> None:
    found = importing.take_list(
        "稿件.zip",
        packed(
            {
                "一/甲.md": MARKDOWN,
                "一/图/水位.png": drawn(),
                "二/乙.docx": docx(paragraph("乙的通知") + paragraph("乙的正文。")),
                "三.csv": "标题,正文\n丙,文\n丁,文\n",
                "没有用.png": drawn(),
                "__MACOSX/一/._甲.md": b"x",
                "一/.DS_Store": b"x",
                "~$乙.docx": b"x",
            }
        ),
    )
    assert [each.document.title for each in found] == ["甲通知", "丙", "丁", "乙的通知"]
    assert found[0].document.pictures[0].alt == "水位"
    assert found[3].file == "稿件.zip 里的 乙.docx"
    assert found[1].file == "稿件.zip 里的 三.csv 第 2 行"
    assert "没有用.png" in found[0].document.notes[-1]


def test_a_name_in_gbk_is_read() -> None:
    content = bytearray(packed({"abcd.txt": "通知\n正文。"}))
    content = content.replace(b"abcd.txt", "通知".encode("gbk") + b".txt")
    assert Package(bytes(content), "a.zip").names == ["通知.txt"]


def test_every_fault_is_told_with_its_file_and_nothing_is_taken() -> None:
    files: dict[str, bytes | str] = {
        "甲.md": "# 甲\n\n文",
        "乙.md": "",
        "丙.pdf": b"%PDF-1.7",
        "丁.csv": "标题,正文\n,文",
    }
    with pytest.raises(ListRefused, match=r"稿件\.zip 有 3 处有误，一篇也没有导入") as caught:
        importing.take_list("稿件.zip", packed(files))
    assert [place for place, _ in caught.value.faults] == ["丁.csv 第 2 行", "丙.pdf", "乙.md"]


@pytest.mark.parametrize(
    "address", ["../b.png", "/etc/passwd", "..%2f..%2fb.png", "C:\\b.png", "图/../../b.png"]
)
def test_a_document_in_a_zip_reaches_nothing_outside_its_folder(address: str) -> None:
    files: dict[str, bytes | str] = {"一/甲.md": f"# 甲\n\n文\n\n![]({address})", "b.png": drawn()}
    with pytest.raises(RuleBroken, match="不在稿件所在的文件夹里"):
        importing.take_list("a.zip", packed(files))


def link() -> bytes:
    import io
    from zipfile import ZipFile

    out = io.BytesIO()
    with ZipFile(out, "w") as package:
        entry = ZipInfo("a.txt")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        package.writestr(entry, "/etc/passwd")
    return out.getvalue()


def locked() -> bytes:
    """The mark of encryption, in the header and in the table of contents."""
    content = bytearray(packed({"a.txt": "通知"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    return bytes(content)


def said_to_be(size: int) -> bytes:
    """A ZIP whose table of contents claims this size."""
    content = bytearray(packed({"a.txt": "通知\n正文"}))
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", size)
    return bytes(content)


def twice() -> bytes:
    content = packed({"a.txt": "甲", "b.txt": "乙"})
    return content.replace(b"b.txt", b"a.txt")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (packed({"a.txt": bytes(50_000_000)}), "压缩得异常厉害"),
        (packed({f"{n}.txt": bytes(1000) for n in range(2001)}), "超过 2000 个"),
        (said_to_be(210 * 1024 * 1024), "解开后超过 200 MB"),
        (packed({"../a.txt": "x"}), "指向别处的文件路径"),
        (packed({"/etc/a.txt": "x"}), "指向别处的文件路径"),
        (packed({"..\\a.txt": "x"}), "指向别处的文件路径"),
        (packed({"C:\\a.txt": "x"}), "指向别处的文件路径"),
        (link(), "指向别处的链接"),
        (locked(), "加了密码"),
        (twice(), "都叫 a.txt"),
        (packed({"a.txt": "通知"}, ZIP_BZIP2), "不常见的压缩方式"),
        (packed({"b.zip": packed({"a.txt": "通知"})}), "还有压缩包"),
        (packed({"b.txt": packed({"a.txt": "通知"})}), "还有压缩包"),
        (packed({"b.rar": b"Rar!"}), "RAR"),
        (packed({"a.png": drawn()}), "没有稿件"),
        (packed({}), "没有稿件"),
        (packed({"a.svg": "<svg><script>x</script></svg>"}), "SVG"),
        (packed({"a.txt": "通知"})[:-9], "已损坏"),
        (packed({f"{n}.txt": "x" for n in range(101)}), "超过 100 个"),
    ],
)  # fmt: skip
def test_a_hostile_zip_is_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        importing.take_list("a.zip", content)


def test_a_picture_of_200_megabytes_is_refused_unread() -> None:
    head = packed({"a.md": "# 甲\n\n![](b.png)", "b.png": bytes(11 * 1024 * 1024)}, 0)
    tracemalloc.start()
    with pytest.raises(RuleBroken, match=r"图片 b\.png 超过 10 MB"):
        importing.take_list("a.zip", head)
    assert tracemalloc.get_traced_memory()[1] < 100 * 1024 * 1024
    tracemalloc.stop()


def test_a_bomb_costs_neither_time_nor_memory() -> None:
    bomb = docx(paragraph("x"), more={"word/document.xml": b"<x>" + bytes(64_000_000)})
    begun = time.monotonic()
    with pytest.raises(RuleBroken, match="压缩得异常厉害"):
        importing.take_list("a.docx", bomb)
    assert time.monotonic() - begun < 5


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_broken_zip_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(BUNDLE)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        importing.take_list("a.zip", bytes(content))
    except RuleBroken:
        return
