"""Pictures fit their place afterwards, always in the same way."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageFont

from channels.base import Picture
from channels.errors import ContentRefused
from channels.wechat.pictures import COVER, COVER_SIZE, IN_TEXT, changes, drawn_cover, fitted
from tests.channels.wechat.drawing import encoded, noise, picture


def opened(made: Picture) -> Image.Image:
    return Image.open(io.BytesIO(made.content))


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_picture_that_fits_goes_out_as_it_was_signed(form: str) -> None:
    signed = picture(form)
    assert fitted(signed, IN_TEXT).content == signed.content
    assert changes(signed, IN_TEXT) == []


@pytest.mark.parametrize("form", ["GIF", "WEBP", "BMP"])
def test_another_format_becomes_jpeg_in_the_text(form: str) -> None:
    made = fitted(picture(form), IN_TEXT)
    assert (opened(made).format, made.media_type, made.name) == ("JPEG", "image/jpeg", "picture.jpeg")
    assert changes(picture(form), IN_TEXT) == ["格式会转为 jpg"]


def test_a_gif_may_stand_as_a_cover() -> None:
    signed = picture("GIF")
    assert fitted(signed, COVER).content == signed.content


@pytest.mark.parametrize("mode", ["CMYK", "I;16", "LA", "1"])
def test_odd_colours_are_made_plain(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(fitted(picture(form, mode=mode), IN_TEXT)).mode == "RGB"


def test_a_large_picture_is_shrunk_below_the_limit_and_keeps_its_shape() -> None:
    signed = noise((1600, 800))
    made = fitted(signed, IN_TEXT)
    assert len(made.content) < IN_TEXT.max_bytes <= len(signed.content)
    assert opened(made).width / opened(made).height == pytest.approx(2, rel=0.02)
    assert changes(signed, IN_TEXT) == ["会压缩到 1 MB 以内"]


def test_the_same_picture_always_gives_the_same_bytes() -> None:
    assert fitted(noise((800, 800)), IN_TEXT) == fitted(noise((800, 800)), IN_TEXT)


def test_a_transparent_picture_gets_white_paper() -> None:
    clear = Picture("图", "image/webp", encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "WEBP"))
    assert opened(fitted(clear, IN_TEXT)).getpixel((5, 5)) == (255, 255, 255)


def test_an_animation_is_said_to_lose_its_motion() -> None:
    file = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), shade) for shade in ("red", "blue")]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    assert changes(Picture("动图", "image/gif", file.getvalue()), IN_TEXT) == [
        "格式会转为 jpg",
        "动图只保留第一帧",
    ]


def bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"no picture", picture("PNG").content[:60], picture("JPEG").content[:300], b"<svg/>"),
        *(bomb(7100, 7100), bomb(10_000, 10_000), bomb(60_000, 60_000)),
    ],
    ids=["empty", "text", "cut png", "cut jpeg", "svg", "large", "bomb", "huge bomb"],
)
def test_what_cannot_be_read_is_refused_by_its_name(content: bytes) -> None:
    with pytest.raises(ContentRefused, match="“坏图”"):
        fitted(Picture("坏图", "image/png", content), IN_TEXT)


def test_a_cover_is_drawn_with_and_without_a_font() -> None:
    font = ImageFont.load_default(64)
    assert isinstance(font, ImageFont.FreeTypeFont)
    plain, titled = drawn_cover("Notice on testing", None), drawn_cover("Notice on testing", font)
    assert opened(plain).size == opened(titled).size == COVER_SIZE
    assert plain.content != titled.content
    assert titled == drawn_cover("Notice on testing", font)


def test_the_longest_title_stays_inside_the_cover() -> None:
    font = ImageFont.load_default(64)
    assert isinstance(font, ImageFont.FreeTypeFont)
    frame = opened(drawn_cover("W" * 32, font)).crop((0, 30, 24, 353))
    assert frame.getcolors() == [(24 * 323, (31, 59, 87))]
