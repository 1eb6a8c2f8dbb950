"""What a file is, told by its bytes: its name and the media type of the request may say anything."""

from io import BytesIO

from PIL import Image

from channels.wechat.emulator.errors import Refusal

PICTURES = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"BM": "bmp",
}
VOICES = {
    b"ID3": "mp3",
    b"\xff\xfb": "mp3",
    b"\xff\xf3": "mp3",
    b"\xff\xf2": "mp3",
    b"#!AMR": "amr",
    b"\x30\x26\xb2\x75": "wma",
}
SMALLEST_SIDE = 8  # pixels; very small pictures are turned down
MEDIA_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "mp3": "audio/mpeg",
    "amr": "audio/amr",
    "wma": "audio/x-ms-wma",
    "wav": "audio/wav",
    "mp4": "video/mp4",
}


def picture_format(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if b"<svg" in content[:500]:
        return "svg"
    return _by_start(content, PICTURES)


def voice_format(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "wav"
    return _by_start(content, VOICES)


def video_format(content: bytes) -> str:
    return "mp4" if content[4:8] == b"ftyp" else ""


def picture_size(content: bytes) -> tuple[int, int]:
    """Width and height. Refuses a picture that cannot be read, or is tiny."""
    try:
        with Image.open(BytesIO(content)) as picture:
            size = picture.size
            picture.verify()
    except Exception:
        # Pillow's readers raise whatever a broken file makes them stumble over
        raise Refusal(40137) from None
    if min(size) < SMALLEST_SIDE:
        raise Refusal(40137)
    return size


def _by_start(content: bytes, kinds: dict[bytes, str]) -> str:
    return next((kind for start, kind in kinds.items() if content.startswith(start)), "")
