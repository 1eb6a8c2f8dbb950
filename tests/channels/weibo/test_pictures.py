import io

import pytest
from PIL import Image

from channels.base import Picture
from channels.weibo import pictures
from tests.channels.weibo.office import a_noisy_picture, a_picture, a_post, encoded


@pytest.mark.parametrize(
    ("kind", "name"), [("PNG", "picture.png"), ("JPEG", "picture.jpeg"), ("GIF", "picture.gif")]
)
def test_a_picture_the_platform_takes_goes_out_byte_for_byte(kind: str, name: str) -> None:
    picture = a_picture(kind)
    assert pictures.fitted(picture) == (name, picture.content, f"image/{kind.lower()}")


@pytest.mark.parametrize("kind", ["WEBP", "BMP", "TIFF"])
def test_any_other_kind_becomes_jpeg(kind: str) -> None:
    name, content, media_type = pictures.fitted(a_picture(kind))
    assert (name, media_type) == ("picture.jpeg", "image/jpeg")
    assert Image.open(io.BytesIO(content)).size == (40, 30)


def test_what_the_bytes_are_counts_and_not_the_name() -> None:
    picture = Picture("照片.jpg", "image/jpeg", a_picture("PNG").content)
    assert pictures.fitted(picture)[2] == "image/png"


def test_a_large_picture_shrinks_below_the_limit_always_to_the_same_bytes() -> None:
    picture = a_noisy_picture(1500)
    assert len(picture.content) > pictures.MOST_BYTES
    _, content, media_type = pictures.fitted(picture)
    assert media_type == "image/jpeg"
    assert len(content) < pictures.MOST_BYTES
    assert pictures.fitted(picture)[1] == content


def test_a_picture_that_jpeg_alone_does_not_tame_is_made_smaller() -> None:
    _, content, _ = pictures.fitted(a_noisy_picture(4000))
    assert len(content) < pictures.MOST_BYTES
    assert Image.open(io.BytesIO(content)).width < 4000


def test_transparent_becomes_white() -> None:
    clear = Picture("透明.webp", "image/webp", encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "WEBP"))
    assert Image.open(io.BytesIO(pictures.fitted(clear)[1])).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize("content", [b"", b"<html>", a_picture("PNG").content[:60]])
def test_bytes_that_are_no_picture_are_told(content: bytes) -> None:
    with pytest.raises(pictures.NoPicture):
        pictures.fitted(Picture("坏图.png", "image/png", content))


def test_a_bomb_is_no_picture() -> None:
    huge = Picture("大图.png", "image/png", encoded(Image.new("1", (20_000, 20_000)), "PNG"))
    with pytest.raises(pictures.NoPicture):
        pictures.fitted(huge)


def test_the_cover_comes_before_pictures_of_the_body() -> None:
    cover, other = a_picture("PNG"), a_picture("GIF")
    assert pictures.chosen(a_post(cover=cover, pictures=(other,))) is cover
    assert pictures.chosen(a_post(pictures=(other, cover))) is other
    assert pictures.chosen(a_post()) is None
