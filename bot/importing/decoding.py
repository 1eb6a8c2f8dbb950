"""From bytes to text: UTF-8, UTF-16 with its mark, GB18030; anything else is refused by name."""

import codecs
import unicodedata

from bot.errors import RuleBroken

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", " PDF 文件"),
    (b"PK\x03\x04", " Word、Excel、WPS 文档或压缩包"),
    (b"\xd0\xcf\x11\xe0", "旧版 Word、Excel 或 WPS 文档"),
    (b"{\\rtf", " RTF 文档"),
    (b"\xff\xd8\xff", "图片"),
    (b"\x89PNG", "图片"),
    (b"GIF8", "图片"),
)
BREAKS = "\t\n\v\f\r"
STRANGE = {"Cc", "Cn", "Co", "Cs"}  # control, unassigned, private use, surrogate


def decode(content: bytes, name: str) -> tuple[str, str]:
    """The text, and a note for staff where the encoding was a guess. Raises RuleBroken."""
    if not content.strip():
        raise RuleBroken(f"{name} 是空文件，请检查后再导入。")
    for signature, what in SIGNATURES:
        if content.startswith(signature):
            raise RuleBroken(
                f"{name} 是{what}，不能直接导入，请另存为网页（.html）或纯文本（.txt）后再导入。"
            )
    text, note = _read(content, name)
    if "\0" in text:
        raise RuleBroken(f"{name} 里有空字节，不是文本文件，请另存为 UTF-8 编码的纯文本后再导入。")
    if any(unicodedata.category(char) == "Cc" and char not in BREAKS for char in text if char < "\x80"):
        raise RuleBroken(f"{name} 里有控制字符，不是文本文件，请检查是否选错了文件。")
    if not text.strip():
        raise RuleBroken(f"{name} 里没有文字，请检查后再导入。")
    return text, note


def _read(content: bytes, name: str) -> tuple[str, str]:
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if marked else "utf-8-sig"), ""
    except UnicodeDecodeError:
        if not marked and (text := _chinese(content)) is not None:
            return text, f"{name} 不是 UTF-8 编码，已按 GB18030（国标）读取，请核对有无乱码。"
    raise RuleBroken(f"认不出 {name} 的文字编码，请另存为 UTF-8 编码后再导入。")


def _chinese(content: bytes) -> str | None:
    """The text if it reads as GB18030. Other encodings show by characters that no text holds."""
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return None
    strange = (char for char in text if unicodedata.category(char) in STRANGE and char not in BREAKS)
    return text if next(strange, "\0") == "\0" else None
