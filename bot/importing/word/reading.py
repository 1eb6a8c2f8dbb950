"""From a .docx to HTML and pictures: first cleaned, part by part, then given to mammoth."""

import io
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, tostring
from zipfile import ZIP_STORED, ZipFile

from bot.errors import RuleBroken
from bot.importing import markup
from bot.importing.package import Package
from bot.importing.word.cleaning import Cleaner
from bot.importing.word.numbering import Numbering

ROOT_RELATIONS = "_rels/.rels"
TYPES = "[Content_Types].xml"
STYLES = """
u => u
p[style-name='Title'] => h1:fresh
p[style-name='标题'] => h1:fresh
p[style-name='标题 1'] => h1:fresh
p[style-name='标题 2'] => h2:fresh
p[style-name='标题 3'] => h3:fresh
p[style-name='标题 4'] => h4:fresh
"""
DRAWN = {"image/x-emf": "EMF", "image/x-wmf": "WMF", "image/emf": "EMF", "image/wmf": "WMF"}
MACHINE_MADE = ("描述已自动生成", "description automatically generated", ":\\", "file:")


@dataclass(frozen=True)
class Written:
    """A document's body; in the HTML a picture's address is its name in `pictures`."""

    html: str
    pictures: Mapping[str, bytes] = field(repr=False)
    notes: tuple[str, ...] = ()


def read(content: bytes, name: str) -> Written:
    """What the document says; comments, authors, hidden and deleted text stay behind. Raises RuleBroken."""
    import mammoth  # type: ignore[import-untyped]

    package = Package(content, name)
    try:
        bare, notes = _bare(package)
        shelf = _Shelf(name)
        found = mammoth.convert_to_html(
            io.BytesIO(bare),
            style_map=STYLES,
            include_embedded_style_map=False,
            convert_image=mammoth.images.img_element(shelf.take),
        )
    except RuleBroken:
        raise
    except Exception:  # a forged document makes the parsers fail in every way there is
        raise RuleBroken(f"{name} 已损坏，打不开，请用 Word 或 WPS 重新另存为 .docx 后再导入。") from None
    return Written(found.value, shelf.pictures, notes)


def _bare(package: Package) -> tuple[bytes, tuple[str, ...]]:
    """The same document with its body, notes, styles, numbering and pictures only."""
    main = _target(_relations(package, ROOT_RELATIONS), "officeDocument", "")
    around = _relations(package, _relations_of(main))
    folder = posixpath.dirname(main)
    styles = _part(package, _target(around, "styles", folder))
    numbering = _part(package, _target(around, "numbering", folder))
    cleaner = Cleaner(styles, Numbering(numbering, styles))
    parts = {TYPES: package.read(TYPES), ROOT_RELATIONS: package.read(ROOT_RELATIONS)}
    for kind, element in (("styles", styles), ("numbering", numbering)):
        if element is not None:
            parts[_target(around, kind, folder)] = _written(element)
    for text in (main, _target(around, "footnotes", folder), _target(around, "endnotes", folder)):
        if text in package:
            relations = _relations(package, _relations_of(text))
            body = markup.parse(package.read(text), package.name)
            cleaner.clean(body, {str(each.get("Id")) for each in relations if _is_inside(each)})
            parts[text] = _written(body)
            parts[_relations_of(text)] = _written(relations)
    return _packed(parts | _pictures(package)), cleaner.notes(package.name)


def _relations(package: Package, part: str) -> Element:
    """The parts that a part points at; outside it, only where a reader would go by a link."""
    found = _part(package, part)
    if found is None:
        return Element("{http://schemas.openxmlformats.org/package/2006/relationships}Relationships")
    for each in list(found):
        if not _is_inside(each) and not str(each.get("Type")).endswith("/hyperlink"):
            found.remove(each)
    return found


def _is_inside(relation: Element) -> bool:
    return relation.get("TargetMode") != "External"


def _relations_of(part: str) -> str:
    return posixpath.join(posixpath.dirname(part), "_rels", posixpath.basename(part) + ".rels")


def _target(relations: Element, kind: str, folder: str) -> str:
    for each in relations:
        if str(each.get("Type")).endswith(f"/{kind}") and _is_inside(each):
            return posixpath.normpath(posixpath.join("/", folder, str(each.get("Target")))).lstrip("/")
    return ""


def _part(package: Package, part: str) -> Element | None:
    return markup.parse(package.read(part), package.name) if part in package else None


def _pictures(package: Package) -> dict[str, bytes]:
    return {part: package.read(part) for part in package.names if "/media/" in f"/{part}"}


def _written(element: Element) -> bytes:
    return bytes(tostring(element, encoding="utf-8", xml_declaration=True))


def _packed(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as package:
        for part, content in parts.items():
            package.writestr(part, content)
    return out.getvalue()


class _Shelf:
    """The pictures in the order of the text, under names of ours."""

    def __init__(self, document: str) -> None:
        self.pictures: dict[str, bytes] = {}
        self._document = document

    def take(self, image: Any) -> dict[str, str]:
        number = len(self.pictures) + 1
        if drawn := DRAWN.get(image.content_type):
            raise RuleBroken(
                f"{self._document} 里第 {number} 张图片是 {drawn} 矢量图，手机上看不到，"
                "请在 Word 里把它另存为 PNG 图片后重新插入。"
            )
        with image.open() as file:
            self.pictures[f"图片{number}"] = file.read()
        return {"src": f"图片{number}", "alt": _alt(image.alt_text or "")}


def _alt(words: str) -> str:
    """What a person wrote; not a path of the writer's computer, not a program's guess."""
    machine = any(mark in words.lower() for mark in MACHINE_MADE)
    return "" if machine else words
