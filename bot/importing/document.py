"""One document, whole: read, cleaned, its pictures taken in, its title found; or refused in one sentence."""

from dataclasses import dataclass
from pathlib import Path, PurePath
from xml.etree.ElementTree import Element

from markdown_it import MarkdownIt

from bot.errors import RuleBroken
from bot.importing import body, pictures, titles
from bot.importing.decoding import decode
from channels.base import PICTURE_SCHEME, Picture

MAX_TEXT = 20_000  # code points
MAX_FILE = 64 * 1024 * 1024  # a page may hold its pictures
MARKDOWN = {".md", ".markdown"}
HTML = {".html", ".htm", ".xhtml"}


@dataclass(frozen=True)
class Imported:
    """What a document holds. `source` is the address it was saved from; `notes` are sentences for staff."""

    title: str
    html: str
    text: str
    pictures: tuple[Picture, ...] = ()
    source: str = ""
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        return titles.digest(self.text)


def read(path: Path, title: str = "") -> Imported:
    """A file and the pictures beside it. Raises RuleBroken."""
    name = titles.tidy(path.name)
    try:
        if path.stat().st_size > MAX_FILE:
            raise RuleBroken(f"{name} 超过 64 MB，请压缩图片或拆分后再导入。")
        content = path.read_bytes()
    except FileNotFoundError:
        raise RuleBroken(f"找不到文件 {titles.tidy(str(path))}，请检查路径。") from None
    except IsADirectoryError:
        raise RuleBroken(f"{name} 是文件夹，请指定其中的文件。") from None
    except (OSError, ValueError):
        raise RuleBroken(f"文件 {name} 打不开，请检查路径和权限。") from None
    return take_in(name, content, path.parent, title)


def take_in(name: str, content: bytes, folder: Path | None = None, title: str = "") -> Imported:
    """A document of this name; `folder` is where its pictures may lie. Raises RuleBroken."""
    text, encoding = decode(content, name)
    is_page = PurePath(name).suffix.lower() in HTML
    root = body.parse(_as_html(name, text))
    kept = _take_pictures(root, folder, name)
    page_title = titles.page_title(text) if is_page else ""
    found, guess = titles.take_title(root, title, page_title, name)
    plain = body.plain_text(root)
    _want_a_body(plain, kept, name)
    source = titles.page_address(text) if is_page else ""
    origin = f"原文地址取自网页：{source}，请核对。" if source else ""
    notes = tuple(note for note in (encoding, guess, origin) if note)
    return Imported(found, body.write(root), plain, kept, source, notes)


def _as_html(name: str, text: str) -> str:
    suffix = PurePath(name).suffix.lower()
    if suffix in HTML:
        return text
    if suffix in MARKDOWN:
        return _markdown(text)
    return body.paragraphs(text)


def _markdown(text: str) -> str:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.validateLink = _any_address  # type: ignore[method-assign]
    return str(parser.render(text))


def _any_address(url: str) -> bool:  # noqa: ARG001
    """Addresses are judged once, by the allow-list."""
    return True


def _take_pictures(root: Element, folder: Path | None, document: str) -> tuple[Picture, ...]:
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
