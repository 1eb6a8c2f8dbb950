"""Whole documents: files with their pictures, read or refused in one sentence."""

import base64
from pathlib import Path

import pytest

from bot import importing
from bot.errors import RuleBroken
from tests.bot.importing.samples import drawn

MARKDOWN = """\
# 关于防汛的通知

各村民委员会：

汛期将至，请**做好准备**。

![水位 标尺](水位.png)

| 村 | 户数 |
|----|-----|
| 东村 | 12 |
"""

PAGE = """\
<!-- saved from url=(0029)https://www.example.gov.cn/7 -->
<html><head><title>防汛通知_云溪镇人民政府</title><style>p {color: red}</style></head>
<body lang=ZH-CN><div class=WordSection1>
<p class=MsoNormal style='text-indent:2em'><span lang=EN-US>&nbsp;</span>汛期将至。<o:p></o:p></p>
<img src="data:image/png;base64,%s"><script>alert(1)</script></div></body></html>
"""


def test_markdown_with_a_picture_and_a_table(tmp_path: Path) -> None:
    (tmp_path / "水位.png").write_bytes(drawn())
    (tmp_path / "通知.md").write_text(MARKDOWN, encoding="utf-8")
    found = importing.read(tmp_path / "通知.md")
    (picture,) = found.pictures
    assert (found.title, found.notes, found.digest) == ("关于防汛的通知", (), "汛期将至，请做好准备。")
    assert f'<img src="picture:{picture.sha256}" alt="水位 标尺">' in found.html
    assert (picture.name, picture.alt) == ("水位.png", "水位 标尺")
    assert found.text == "各村民委员会：\n汛期将至，请做好准备。\n村\t户数\n东村\t12"


def test_a_page_with_a_picture_inside(tmp_path: Path) -> None:
    (tmp_path / "a.htm").write_text(PAGE % base64.b64encode(drawn()).decode(), encoding="gbk")
    found = importing.read(tmp_path / "a.htm")
    assert (found.title, found.text) == ("防汛通知_云溪镇人民政府", "汛期将至。")
    assert found.source == "https://www.example.gov.cn/7"
    assert found.pictures[0].name == "图片1.png"
    assert len(found.notes) == 3


def test_plain_text_is_paragraphs() -> None:
    found = importing.take_in("a.txt", "关于防汛的通知\n\n\u3000\u3000汛期<将>至。\r\n请注意。".encode())
    assert found.title == "关于防汛的通知"
    assert found.html == "<p>汛期&lt;将&gt;至。</p><p>请注意。</p>"


def test_a_picture_shown_twice_is_kept_once(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(drawn())
    found = importing.take_in("a.md", "![一](a.png)\n\n![二](a.png)".encode(), tmp_path)
    assert len(found.pictures) == 1
    assert found.html.count(found.pictures[0].sha256) == 2


def test_a_picture_alone_is_a_body(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(drawn())
    assert importing.take_in("a.md", b"![](a.png)", tmp_path).text == ""


def test_exactly_the_limit_is_taken() -> None:
    assert len(importing.take_in("a.txt", ("字" * 20_000 + "\n").encode()).text) == 20_000


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.txt", "字" * 20_001, "正文有 20001 个字，超过 20000 个字"),
        ("a.md", "# 只有标题", "没有正文"),
        ("a.html", "<script>只有脚本</script>", "没有正文"),
        ("a.html", "<p>甲<img data-src='x.png'></p>", "第 1 张图片没有地址"),
        ("a.md", "![](https://h.example/a.png)", "https://h.example/a.png 在别的网站上"),
        ("a.md", "![](没有.png)", r"找不到 a\.md 里的图片 没有\.png"),
        ("a.md", "![](file:///etc/hostname)", "不在稿件所在的文件夹里"),
        ("a.md", "![](a.md)", r"a\.md 不是能打开的图片"),
        ("a.html", "<img src='C:\\Users\\a.png'>", r"C:/Users/a\.png 不在稿件所在的文件夹里"),
    ],
)
def test_what_cannot_go_out_is_refused(tmp_path: Path, name: str, content: str, sentence: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(RuleBroken, match=sentence):
        importing.read(tmp_path / name)


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleBroken, match="找不到文件"):
        importing.read(tmp_path / "没有.txt")
    with pytest.raises(RuleBroken, match="是文件夹"):
        importing.read(tmp_path)
    with pytest.raises(RuleBroken, match="打不开"):
        importing.read(tmp_path / "a\0b")


def test_a_file_that_is_much_too_large_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(RuleBroken, match="64 MB"):
        importing.read(tmp_path / "a.txt")
