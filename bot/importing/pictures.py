"""Pictures: what the bytes really are, within limits, and with nothing in them but the picture."""

import base64
import binascii
import io
import posixpath
import re
import warnings
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, unquote_to_bytes

from PIL import Image, ImageOps, ImageSequence

from bot.errors import RuleBroken
from channels.base import Picture

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000  # all frames together
QUALITY = 92
READ = ("JPEG", "PNG", "GIF", "BMP", "WEBP")
WRITTEN = {"JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png"), "GIF": ("image/gif", ".gif")}
KEPT = {"transparency", "icc_profile", "duration", "loop"}  # everything else in `info` is metadata
warnings.simplefilter("error", Image.DecompressionBombWarning)  # once and for all threads
Folder = Path | Callable[[str], bytes]  # where a document's pictures lie: on the disk, or in its package
DATA = re.compile(r"data:[^,]*?(;base64)?,", re.IGNORECASE)


def fetch(address: str, folder: Folder | None, document: str) -> tuple[str, bytes]:
    """Name and bytes of a picture a document points at: beside it, or inside it. Raises RuleBroken."""
    if match := DATA.match(address):
        return "", _inside(address[match.end() :], bool(match[1]), document)
    if re.match(r"(https?:)?//", address, re.IGNORECASE):
        raise RuleBroken(f"{document} 里的图片 {_short(address)} 在别的网站上，请下载到稿件旁边再引用。")
    return _beside(unquote(address.partition("?")[0]), folder, document)


def clean(content: bytes, name: str, alt: str = "") -> Picture:
    """The picture alone, upright; JPEG, PNG and GIF stay what they are. Raises RuleBroken."""
    if len(content) > MAX_BYTES:
        raise RuleBroken(f"图片 {name} 超过 10 MB，请压缩后再用。")
    try:
        form, written = _redraw(content, name)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(name) from None
    except RuleBroken:
        raise
    except Exception:  # broken bytes make Pillow's decoders fail in every way there is
        raise RuleBroken(f"{name} 不是能打开的图片（JPG、PNG、GIF、BMP、WEBP），请换一张。") from None
    media_type, suffix = WRITTEN[form]
    return Picture(Path(name).stem + suffix, media_type, written, alt)


def _inside(payload: str, in_base64: bool, document: str) -> bytes:
    raw = unquote_to_bytes(payload)
    try:
        return base64.b64decode(b"".join(raw.split()), validate=True) if in_base64 else raw
    except binascii.Error:
        raise RuleBroken(f"{document} 里有一张内嵌图片的数据不完整，请重新插入这张图片。") from None


def _beside(name: str, folder: Folder | None, document: str) -> tuple[str, bytes]:
    name = name.replace("\\", "/")
    if folder is None or not _stays(name, folder):
        raise RuleBroken(f"{document} 里的图片 {_short(name)} 不在稿件所在的文件夹里，请放到稿件旁边再引用。")
    try:
        content = _read(folder / name) if isinstance(folder, Path) else folder(name)
    except (OSError, LookupError):
        raise RuleBroken(f"找不到 {document} 里的图片 {_short(name)}，请放到稿件旁边再导入。") from None
    if len(content) > MAX_BYTES:
        raise RuleBroken(f"图片 {name} 超过 10 MB，请压缩后再用。")
    return PurePosixPath(name).name, content


def _stays(name: str, folder: Folder) -> bool:
    """Whether the name leads to a place below the folder."""
    if "\0" in name or ":" in name or name.startswith("/"):
        return False
    if isinstance(folder, Path):
        return (folder / name).resolve().is_relative_to(folder.resolve())
    return not posixpath.normpath(name).startswith("..")


def _read(file: Path) -> bytes:
    """One byte more than allowed is enough to know."""
    with file.open("rb") as picture:
        return picture.read(MAX_BYTES + 1)


def _redraw(content: bytes, name: str) -> tuple[str, bytes]:
    """The form it is written in, and its bytes; the same bytes in give the same bytes out."""
    with Image.open(io.BytesIO(content), formats=READ) as image:
        frames = getattr(image, "n_frames", 1) if image.format == "GIF" else 1
        if image.width * image.height * frames > MAX_PIXELS:
            raise _too_large(name)
        form = _form(image)
        out = io.BytesIO()
        if form == "GIF":
            first, *rest = [_bare(frame.copy()) for frame in ImageSequence.Iterator(image)]
            first.save(out, form, save_all=True, append_images=rest)
        elif form == "JPEG":
            _write_jpeg(image, out)
        else:
            _bare(ImageOps.exif_transpose(image)).save(out, form)
    if out.tell() > MAX_BYTES:
        raise RuleBroken(f"图片 {name} 超过 10 MB，请压缩后再用。")
    return form, out.getvalue()


def _form(image: Image.Image) -> str:
    match image.format:
        case "JPEG" | "MPO":  # phones add a second picture for depth and call it MPO
            return "JPEG"
        case "GIF":
            return "GIF"
        case "WEBP" if image.mode == "RGB":
            return "JPEG"
        case _:
            return "PNG"


def _write_jpeg(image: Image.Image, out: io.BytesIO) -> None:
    """With the quality it has, where it need not be turned or recoloured."""
    upright = ImageOps.exif_transpose(image)
    as_it_is = image.format == "JPEG" and upright.size == image.size and _orientation(image) == 1
    if as_it_is and image.mode in ("RGB", "L"):
        _bare(image).save(out, "JPEG", quality="keep", icc_profile=image.info.get("icc_profile"))
        return
    colours = upright if upright.mode in ("RGB", "L") else upright.convert("RGB")
    profile = upright.info.get("icc_profile") if colours is upright else None
    _bare(colours).save(out, "JPEG", quality=QUALITY, icc_profile=profile)


def _orientation(image: Image.Image) -> int:
    return int(image.getexif().get(0x0112, 1))


def _bare(image: Image.Image) -> Image.Image:
    image.info = {key: value for key, value in image.info.items() if key in KEPT}
    return image


def _too_large(name: str) -> RuleBroken:
    return RuleBroken(f"图片 {name} 超过 4000 万像素，请缩小后再用。")


def _short(address: str) -> str:
    return address if len(address) <= 80 else address[:77] + "…"
