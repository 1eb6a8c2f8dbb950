"""Pictures are what their bytes say, within limits, and hold nothing but the picture."""

import base64
import io
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.errors import RuleBroken
from bot.importing import pictures
from tests.bot.importing.samples import drawn, opened

ORIENTATION, ARTIST = 0x0112, 0x013B


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[ORIENTATION], found[ARTIST] = orientation, "someone"
    return found


@pytest.mark.parametrize(
    ("content", "media_type", "name"),
    [
        (drawn("JPEG"), "image/jpeg", "a.jpg"),
        (drawn("PNG"), "image/png", "a.png"),
        (drawn("GIF", mode="P"), "image/gif", "a.gif"),
        (drawn("BMP"), "image/png", "a.png"),
        (drawn("WEBP"), "image/jpeg", "a.jpg"),
        (drawn("WEBP", mode="RGBA"), "image/png", "a.png"),
        (drawn("JPEG", mode="CMYK"), "image/jpeg", "a.jpg"),
        (drawn("PNG", mode="RGBA"), "image/png", "a.png"),
        (drawn("PNG", mode="I;16"), "image/png", "a.png"),
    ],
)
def test_the_kind_is_that_of_the_bytes_not_of_the_name(content: bytes, media_type: str, name: str) -> None:
    picture = pictures.clean(content, "a.tiff")
    assert (picture.media_type, picture.name) == (media_type, name)
    assert Image.MIME[str(opened(picture.content).format)] == media_type


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_same_bytes_give_the_same_picture(form: str) -> None:
    content = drawn(form)
    assert pictures.clean(content, "a").sha256 == pictures.clean(content, "a").sha256


def test_metadata_of_a_photo_is_gone() -> None:
    content = drawn("JPEG", exif=exif(), comment=b"secret place", xmp=b"<x>secret</x>")
    cleaned = pictures.clean(content, "a.jpg").content
    assert not opened(cleaned).getexif()
    assert b"secret" not in cleaned
    assert b"someone" not in cleaned


def test_metadata_of_a_drawing_is_gone() -> None:
    words = PngInfo()
    words.add_text("Author", "someone")
    cleaned = pictures.clean(drawn("PNG", pnginfo=words, exif=exif()), "a.png").content
    assert b"someone" not in cleaned


def test_the_comment_of_a_gif_is_gone() -> None:
    assert b"someone" not in pictures.clean(drawn("GIF", mode="P", comment=b"someone"), "a.gif").content


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_photo_that_lies_on_its_side_is_turned_upright(form: str) -> None:
    content = drawn(form, size=(8, 6), exif=exif(orientation=6))
    assert opened(pictures.clean(content, "a.jpg").content).size == (6, 8)


def test_a_moving_picture_keeps_moving() -> None:
    out = io.BytesIO()
    first, *rest = [Image.new("RGB", (8, 6), colour) for colour in ("red", "green", "blue")]
    first.save(out, "GIF", save_all=True, append_images=rest, duration=120, loop=0)
    moving = opened(pictures.clean(out.getvalue(), "a.gif").content)
    assert (moving.n_frames, moving.info["duration"], moving.info["loop"]) == (3, 120, 0)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "content", [b"", b"not a picture", drawn("PNG")[:40], drawn("TIFF"), drawn("JPEG")[:80]]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(RuleBroken, match=r"图章\.png 不是能打开的图片"):
        pictures.clean(content, "图章.png")


def test_a_picture_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(RuleBroken, match="10 MB"):
        pictures.clean(drawn("PNG") + bytes(10 * 1024 * 1024), "a.png")


@pytest.mark.parametrize("size", [(8000, 5001), (10000, 9500), (20000, 20000)])
def test_a_picture_of_too_many_pixels_is_refused_unopened(size: tuple[int, int]) -> None:
    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    with pytest.raises(RuleBroken, match="4000 万像素"):
        pictures.clean(bomb + drawn("PNG")[33:], "a.png")


@settings(max_examples=60)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "BMP"]), st.data())
def test_broken_bytes_are_refused_and_nothing_else(form: str, data: st.DataObject) -> None:
    content = bytearray(drawn(form, mode="RGB" if form != "GIF" else "P"))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        pictures.clean(bytes(content), "a")
    except RuleBroken:
        return


def test_a_picture_beside_the_document_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "图 片").mkdir()
    (tmp_path / "图 片" / "a b.png").write_bytes(b"bytes")
    assert pictures.fetch("%E5%9B%BE%20%E7%89%87/a%20b.png?v=2", tmp_path, "稿.md") == ("a b.png", b"bytes")
    assert pictures.fetch("图 片\\a b.png", tmp_path, "稿.md") == ("a b.png", b"bytes")


@pytest.mark.parametrize("address", ["HTTP://h/a.png", "https://h/a.png", "//h/a.png"])
def test_a_picture_on_another_site_is_refused_by_its_address(tmp_path: Path, address: str) -> None:
    with pytest.raises(RuleBroken, match=f"{address} 在别的网站上"):
        pictures.fetch(address, tmp_path, "稿.md")


@pytest.mark.parametrize(
    "address", ["../a.png", "/etc/hostname", "file:///etc/hostname", "C:\\a.png", "a%00b.png", "cid:1"]
)
def test_a_picture_elsewhere_on_the_machine_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(RuleBroken, match="不在稿件所在的文件夹里"):
        pictures.fetch(address, tmp_path, "稿.md")


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to("/etc/hostname")
    with pytest.raises(RuleBroken, match="不在稿件所在的文件夹里"):
        pictures.fetch("a.png", tmp_path, "稿.md")


@pytest.mark.parametrize("address", ["a.png", "", "a" * 5000])
def test_a_picture_that_is_not_there_is_named(tmp_path: Path, address: str) -> None:
    with pytest.raises(RuleBroken, match=r"找不到 稿\.md 里的图片"):
        pictures.fetch(address, tmp_path, "稿.md")


def test_a_picture_without_a_folder_to_lie_in_is_refused() -> None:
    with pytest.raises(RuleBroken, match="不在稿件所在的文件夹里"):
        pictures.fetch("a.png", None, "稿.md")


def test_a_picture_inside_the_document_is_read() -> None:
    inside = base64.b64encode(b"bytes").decode()
    assert pictures.fetch(f"data:image/png;base64,{inside[:4]}\n {inside[4:]}", None, "稿.html") == (
        "",
        b"bytes",
    )
    assert pictures.fetch("data:,by%74es", None, "稿.html") == ("", b"bytes")


def test_a_picture_inside_the_document_that_is_cut_off_is_refused() -> None:
    with pytest.raises(RuleBroken, match="数据不完整"):
        pictures.fetch("data:image/png;base64,AAA", None, "稿.html")
