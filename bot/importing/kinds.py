"""What a file is, told from its content; its name only parts one kind of text from another."""

from enum import Enum, auto
from pathlib import PurePath
from typing import NoReturn

from bot.errors import RuleBroken
from bot.importing import markup
from bot.importing.package import Package

TYPES = "[Content_Types].xml"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
COMPOUND = b"\xd0\xcf\x11\xe0"  # Office before 2007, and encrypted files of any year
HEAD = 2_000  # bytes in which a text shows what it is

MARKDOWN = {".md", ".markdown"}
HTML = {".html", ".htm", ".xhtml"}
LISTS = {".csv", ".tsv"}
NEVER_TEXT = {
    *(".docx", ".doc", ".docm", ".dotx", ".wps", ".wpt", ".xlsx", ".xls", ".xlsm", ".et", ".pptx", ".ppt"),
    *(".zip", ".rar", ".7z", ".pdf", ".ofd", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"),
    *(".mht", ".mhtml"),
}


class Kind(Enum):
    TEXT = auto()
    MARKDOWN = auto()
    HTML = auto()
    WORD = auto()
    CSV = auto()
    SHEET = auto()
    ARCHIVE = auto()


ENDINGS = {
    Kind.HTML: (HTML, "网页（.html）"),
    Kind.WORD: ({".docx", ".dotx"}, "Word 文档（.docx）"),
    Kind.SHEET: ({".xlsx", ".xltx"}, "Excel 工作簿（.xlsx）"),
    Kind.ARCHIVE: ({".zip"}, "ZIP 压缩包（.zip）"),
}

# How a file begins that cannot be taken in, and what to do instead.
FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "是 PDF 文件，文字顺序不可靠，请用原来的 Word 文档（.docx）导入。"),
    (b"{\\rtf", "是 RTF 文档，请用 Word 或 WPS 另存为 .docx 后再导入。"),
    (b"Rar!", "是 RAR 压缩包，请改为 ZIP 压缩包后再导入。"),
    (b"7z\xbc\xaf", "是 7z 压缩包，请改为 ZIP 压缩包后再导入。"),
    (b"\x1f\x8b", "是 GZ 压缩包，请改为 ZIP 压缩包后再导入。"),
    (b"\xff\xd8\xff", "是图片，不是稿件，请在稿件里引用它。"),
    (b"\x89PNG", "是图片，不是稿件，请在稿件里引用它。"),
    (b"GIF8", "是图片，不是稿件，请在稿件里引用它。"),
    (b"MIME-Version:", "是单个文件网页（.mht），请用 Word 或 WPS 另存为 .docx 后再导入。"),
)
OLD: tuple[tuple[str, str], ...] = (  # streams of a compound file, by the name they have in it
    ("EncryptedPackage", "加了密码，请去掉密码，另存为 .docx 或 .xlsx 后再导入。"),
    ("WordDocument", "是旧版 Word 文档（.doc），可能带宏，请用 Word 或 WPS 另存为 .docx 后再导入。"),
    ("Workbook", "是旧版 Excel 表格（.xls），可能带宏，请用 Excel 或 WPS 另存为 .xlsx 后再导入。"),
    ("", "是旧版 Office 或 WPS 文档，请另存为 .docx 或 .xlsx 后再导入。"),
)


def recognise(name: str, content: bytes) -> Kind:
    """Raises RuleBroken, with what to do instead, for what cannot be taken in."""
    if content.startswith(ZIP):
        return _packed(Package(content, name))
    for signature, advice in FOREIGN:
        if content.startswith(signature):
            raise RuleBroken(f"{name} {advice}")
    if content.startswith(COMPOUND):
        _refuse_old(name, content)
    return _text(name, content)


def suffix(name: str) -> str:
    return PurePath(name).suffix.lower()


def ending_note(name: str, kind: Kind) -> str:
    """A note for staff where the name says something else than the content."""
    endings, what = ENDINGS.get(kind, (None, ""))
    return "" if endings is None or suffix(name) in endings else f"{name} 其实是{what}，已按内容读取。"


def _packed(package: Package) -> Kind:
    if TYPES in package:
        return _office(package)
    if "OFD.xml" in package:
        raise RuleBroken(f"{package.name} 是 OFD 版式文件，请用原来的 Word 文档（.docx）导入。")
    if "mimetype" in package:
        raise RuleBroken(f"{package.name} 是 OpenDocument 文档，请另存为 .docx 或 .xlsx 后再导入。")
    return Kind.ARCHIVE


def _office(package: Package) -> Kind:
    name = package.name
    types = {markup.value(each, "ContentType") or "" for each in markup.parse(package.read(TYPES), name)}
    if any("macroEnabled" in each or "vbaProject" in each for each in types) or any(
        member.lower().endswith("vbaproject.bin") for member in package.names
    ):
        raise RuleBroken(f"{name} 里有宏，可能是恶意文件，请另存为不带宏的 .docx 或 .xlsx 后再导入。")
    if any("wordprocessingml" in each and each.endswith("main+xml") for each in types):
        return Kind.WORD
    if any("spreadsheetml" in each and each.endswith("main+xml") for each in types):
        return Kind.SHEET
    raise RuleBroken(f"{name} 不是 Word 文档或 Excel 表格，请另存为 .docx 或 .xlsx 后再导入。")


def _refuse_old(name: str, content: bytes) -> NoReturn:
    advice = next(advice for stream, advice in OLD if stream.encode("utf-16-le") in content)
    raise RuleBroken(f"{name} {advice}")


def _text(name: str, content: bytes) -> Kind:
    head = content[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in head and head.startswith((b"<svg", b"<?xml", b"<!doctype svg", b"<!--")):
        raise RuleBroken(f"{name} 是 SVG 图片，可能带脚本，不能导入，请另存为 PNG 后在稿件里引用。")
    if head.startswith(b"<?xml") and (b"mso-application" in head or b"<pkg:package" in head):
        raise RuleBroken(f"{name} 是 XML 格式的旧版 Office 文档，请另存为 .docx 或 .xlsx 后再导入。")
    if suffix(name) in HTML or head.startswith((b"<!doctype html", b"<html")):
        return Kind.HTML
    if suffix(name) in NEVER_TEXT:
        raise RuleBroken(f"{name} 的内容与它的扩展名不符，可能已损坏或改过名，请重新另存后再导入。")
    if suffix(name) in MARKDOWN:
        return Kind.MARKDOWN
    return Kind.CSV if suffix(name) in LISTS else Kind.TEXT
