"""Pictures as the platform takes them: another format or size is made deterministically, never refused."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont, ImageOps

from channels.base import Picture
from channels.errors import ContentRefused

READABLE = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
PLAIN_MODES = frozenset({"RGB", "RGBA", "L", "P"})  # odd PNG files are refused without a reason
MAX_PIXELS = 50_000_000
QUALITIES = (88, 78, 68)
PAPER = "white"


@dataclass(frozen=True)
class Place:
    """Where a picture goes, and what may stand there."""

    formats: frozenset[str]
    max_bytes: int
    width: int  # a picture that is made anew is no wider


IN_TEXT = Place(frozenset({"JPEG", "PNG"}), 1_000_000, 1440)  # media/uploadimg
COVER = Place(frozenset({"JPEG", "PNG", "GIF", "BMP"}), 10_000_000, 1800)  # material/add_material

COVER_SIZE = (900, 383)
INK, GROUND, GOLD = "#ffffff", "#1f3b57", "#b08d3e"
TITLE_SIZES = (64, 54, 46, 38)
FONTS = (
    ("NotoSansCJK-Medium.ttc", 2),
    ("NotoSansCJK-Regular.ttc", 2),
    ("SourceHanSansSC-Regular.otf", 0),
    ("wqy-microhei.ttc", 0),
    ("wqy-zenhei.ttc", 0),
    ("DroidSansFallbackFull.ttf", 0),
    ("PingFang.ttc", 0),
    ("msyh.ttc", 0),
)


def changes(picture: Picture, place: Place) -> list[str]:
    """What `fitted` would change, in Chinese. Raises ContentRefused for what is no picture."""
    image = _opened(picture)
    reasons = []
    if image.format not in place.formats or image.mode not in PLAIN_MODES:
        reasons.append("格式会转为 jpg")
    if getattr(image, "is_animated", False) and image.format not in place.formats:
        reasons.append("动图只保留第一帧")
    if len(picture.content) >= place.max_bytes:
        reasons.append(f"会压缩到 {place.max_bytes // 1_000_000} MB 以内")
    return reasons


def fitted(picture: Picture, place: Place) -> Picture:
    """The picture itself where it fits. Raises ContentRefused for what is no picture."""
    image = _opened(picture)
    form = image.format or ""
    if form in place.formats and image.mode in PLAIN_MODES and len(picture.content) < place.max_bytes:
        return Picture(f"picture.{form.lower()}", Image.MIME[form], picture.content)
    flat = _narrowed(_flat(image), place.width)
    content = next(made for made in _smaller_and_smaller(flat) if len(made) < place.max_bytes)
    return Picture("picture.jpeg", "image/jpeg", content)


def drawn_cover(title: str, font: ImageFont.FreeTypeFont | None) -> Picture:
    """A calm cover with the title; without a Chinese font the same design without words."""
    image = Image.new("RGB", COVER_SIZE, GROUND)
    pen = ImageDraw.Draw(image)
    width, height = COVER_SIZE
    pen.rectangle((24, 24, width - 25, height - 25), outline=GOLD, width=2)
    pen.rectangle((width // 2 - 60, height - 62, width // 2 + 60, height - 58), fill=GOLD)
    if font is not None:
        text, sized = _laid_out(title, font)
        pen.multiline_text(
            (width // 2, height // 2 - 10), text, INK, sized, anchor="mm", align="center", spacing=18
        )
    return Picture("cover.png", "image/png", _saved(image, "PNG"))


@cache
def chinese_font() -> ImageFont.FreeTypeFont | None:
    """The first font of FONTS that this system has."""
    for name, index in FONTS:
        try:
            return ImageFont.truetype(name, TITLE_SIZES[0], index)
        except OSError:
            continue
    return None


def _opened(picture: Picture) -> Image.Image:
    """The size is judged by the head, before anything is unpacked."""
    try:
        image = Image.open(io.BytesIO(picture.content), formats=READABLE)
        if image.width * image.height > MAX_PIXELS:
            raise ContentRefused(f"图片“{picture.name}”的像素太多，请缩小后重新送审。", "picture")
        image.load()
    except ContentRefused:
        raise
    except Exception:  # a broken file makes a decoder raise anything
        raise ContentRefused(
            f"图片“{picture.name}”打不开，可能已损坏或不是图片，请更换后重新送审。", "picture"
        ) from None
    return image


def _flat(image: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(image).convert("RGBA")
    paper = Image.new("RGB", upright.size, PAPER)
    paper.paste(upright, mask=upright)
    return paper


def _narrowed(image: Image.Image, width: int) -> Image.Image:
    if image.width <= width:
        return image
    return image.resize((width, max(1, image.height * width // image.width)))


def _smaller_and_smaller(image: Image.Image) -> Iterator[bytes]:
    while True:
        for quality in QUALITIES:
            yield _saved(image, "JPEG", quality=quality)
        image = image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4)))


def _saved(image: Image.Image, form: str, **options: int) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def _laid_out(title: str, font: ImageFont.FreeTypeFont) -> tuple[str, ImageFont.FreeTypeFont]:
    """The title on at most two lines, as large as it fits."""
    room = COVER_SIZE[0] - 120
    for size in TITLE_SIZES:
        sized = font.font_variant(size=size)
        lines = _lines(title, sized, room)
        if len(lines) <= 2:
            break
    return "\n".join(lines[:2]), sized


def _lines(title: str, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
    lines = [""]
    for character in title:
        if font.getlength(lines[-1] + character) > room:
            lines.append("")
        lines[-1] += character
    return lines
