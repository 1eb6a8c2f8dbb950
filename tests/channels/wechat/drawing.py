"""Pictures for tests, drawn on the spot."""

import io
import random

from PIL import Image

from channels.base import Picture

TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
}


def picture(
    form: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", name: str = "图一"
) -> Picture:
    return Picture(name, TYPES[form], encoded(Image.new(mode, size, 120), form))


def noise(size: tuple[int, int], form: str = "PNG") -> Picture:
    """A picture that no compression makes small."""
    raw = random.Random(1).randbytes(size[0] * size[1] * 3)
    return Picture("噪声", TYPES[form], encoded(Image.frombytes("RGB", size, raw), form))


def encoded(image: Image.Image, form: str) -> bytes:
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()
