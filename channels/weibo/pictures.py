"""The one picture of a post: JPEG, GIF or PNG, below 5 MB."""

import io
import warnings

from PIL import Image, ImageOps

from channels.base import Picture, Post

MOST_BYTES = 5_000_000
KINDS = {"JPEG": "image/jpeg", "GIF": "image/gif", "PNG": "image/png"}
LONGEST_SIDE = 4096
SMALLER = 0.75
QUALITY = 85
PAPER = "white"  # what stands behind a transparent picture


class NoPicture(Exception):
    """The bytes are no picture that can be read."""


def chosen(post: Post) -> Picture | None:
    """The cover, else the first picture of the body."""
    return post.cover or (post.pictures[0] if post.pictures else None)


def fitted(picture: Picture) -> tuple[str, bytes, str]:
    """File name, content and media type as the platform takes them; the same bytes for the same picture.

    Raises NoPicture.
    """
    kind, image = _opened(picture.content)
    if kind in KINDS and len(picture.content) < MOST_BYTES:
        return f"picture.{kind.lower()}", picture.content, KINDS[kind]
    return "picture.jpeg", _shrunk(image), KINDS["JPEG"]


def _opened(content: bytes) -> tuple[str, Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content))
            image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NoPicture from None
    return image.format or "", image


def _shrunk(image: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(image).convert("RGBA")
    flat = Image.new("RGB", upright.size, PAPER)
    flat.paste(upright, mask=upright)
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    content = _as_jpeg(flat)
    while len(content) >= MOST_BYTES:
        flat = flat.resize((max(1, int(flat.width * SMALLER)), max(1, int(flat.height * SMALLER))))
        content = _as_jpeg(flat)
    return content


def _as_jpeg(image: Image.Image) -> bytes:
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=QUALITY)
    return kept.getvalue()
