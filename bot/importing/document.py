"""One document, whole: read, cleaned, its pictures taken in, its title found; or refused in one sentence."""

from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from markdown_it import MarkdownIt

from bot.checks.wording import without_pinyin
from bot.errors import RuleBroken
from bot.importing import body, pictures, titles, word
from bot.importing.decoding import decode
from bot.importing.kinds import Kind, ending_note, recognise
from bot.importing.pictures import Folder
from bot.importing.values import Imported
from channels.base import PICTURE_SCHEME, Picture

MAX_TEXT = 20_000  # code points
MAX_FILE = 64 * 1024 * 1024  # a page may hold its pictures


def read(path: Path, title: str = "") -> Imported:
    """A file and the pictures beside it. Raises RuleBroken."""
    name, content = read_file(path)
    return take_in(name, content, path.parent, title)


def read_file(path: Path) -> tuple[str, bytes]:
    """Name and bytes of a file that staff named. Raises RuleBroken."""
    name = titles.tidy(path.name)
    try:
        if path.stat().st_size > MAX_FILE:
            raise RuleBroken(f"{name} 超过 64 MB，请压缩图片或拆分后再导入。")
        return name, path.read_bytes()
    except FileNotFoundError:
        raise RuleBroken(f"找不到文件 {titles.tidy(str(path))}，请检查路径。") from None
    except IsADirectoryError:
        raise RuleBroken(f"{name} 是文件夹，请指定其中的文件。") from None
    except (OSError, ValueError):
        raise RuleBroken(f"文件 {name} 打不开，请检查路径和权限。") from None


def take_in(name: str, content: bytes, folder: Folder | None = None, title: str = "") -> Imported:
    """A document of this name; `folder` is where its pictures may lie. Raises RuleBroken."""
    kind = recognise(name, content)
    page = _word(content, name) if kind is Kind.WORD else _text(kind, content, name, folder)
    html, pinyin = without_pinyin(page.html)
    root = body.parse(html)
    kept = _take_pictures(root, page.folder, name)
    found, guess = titles.take_title(root, title, page.title, name)
    plain = body.plain_text(root)
    _want_a_body(plain, kept, name)
    origin = f"原文地址取自网页：{page.address}，请核对。" if page.address else ""
    notes = tuple(
        note for note in (ending_note(name, kind), _mended(pinyin), *page.notes, guess, origin) if note
    )
    return Imported(found, body.write(root), plain, kept, page.address, notes)


def _mended(pinyin: int) -> str:
    return f"已删去转载网站加在文字后面的 {pinyin} 处拼音注音，请对照原文核对。" if pinyin else ""


@dataclass(frozen=True)
class Page:
    """A document as HTML, where its pictures lie, and what the head of a web page says of itself."""

    html: str
    folder: Folder | None
    notes: tuple[str, ...]
    title: str = ""
    address: str = ""


def _word(content: bytes, name: str) -> Page:
    written = word.read(content, name)
    return Page(written.html, written.pictures.__getitem__, written.notes)


def _text(kind: Kind, content: bytes, name: str, folder: Folder | None) -> Page:
    if kind in (Kind.CSV, Kind.SHEET, Kind.ARCHIVE):
        raise RuleBroken(f"{name} 是清单或压缩包，可能有几篇稿件，不能当作一篇导入，请逐篇提供。")
    text, note = decode(content, name)
    notes = (note,)
    if kind is Kind.HTML:
        return Page(text, folder, notes, titles.page_title(text), titles.page_address(text))
    return Page(_markdown(text) if kind is Kind.MARKDOWN else body.paragraphs(text), folder, notes)


def _markdown(text: str) -> str:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.validateLink = _any_address  # type: ignore[method-assign]
    return str(parser.render(text))


def _any_address(url: str) -> bool:  # noqa: ARG001
    """Addresses are judged once, by the allow-list."""
    return True


def _take_pictures(root: Element, folder: Folder | None, document: str) -> tuple[Picture, ...]:
    """The pictures, each once; in the body stands the hash of what was taken in."""
    kept: dict[str, Picture] = {}
    for number, image in enumerate(root.iter("img"), 1):
        address = image.get("src", "").strip()
        if not address:
            raise RuleBroken(f"{document} 里第 {number} 张图片没有地址，请重新插入或删去。")
        name, content = pictures.fetch(address, folder, document)
        picture = pictures.clean(content, name or f"图片{number}", titles.tidy(image.get("alt", "")))
        kept.setdefault(picture.sha256, picture)
        image.set("src", PICTURE_SCHEME + picture.sha256)
    return tuple(kept.values())


def _want_a_body(text: str, kept: tuple[Picture, ...], name: str) -> None:
    if not text and not kept:
        raise RuleBroken(f"{name} 里没有正文，请检查后再导入。")
    if len(text) > MAX_TEXT:
        raise RuleBroken(f"{name} 的正文有 {len(text)} 个字，超过 {MAX_TEXT} 个字的上限，请删减或拆成几篇。")
