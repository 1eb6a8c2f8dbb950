"""Files as offices make them, and as attackers do, built from nothing but their parts."""

import io
from collections.abc import Iterable, Mapping
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SPACES = (
    f'xmlns:w="{W}" xmlns:r="{R}" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="png" ContentType="image/png"/>'
    '<Default Extension="emf" ContentType="image/x-emf"/>'
    '<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
)
STYLES = """
<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>
<w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Heir"><w:name w:val="Heir"/><w:basedOn w:val="Secret"/></w:style>
"""


def packed(files: Mapping[str, bytes | str], method: int = ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", method) as package:
        for name, content in files.items():
            package.writestr(ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def docx(
    body: str,
    *,
    relations: str = "",
    numbering: str = "",
    main: str = MAIN,
    more: Mapping[str, bytes | str] | None = None,
) -> bytes:
    """A Word document with this body; `relations` are lines of its relationship part."""
    office = f'<Relationship Id="r1" Type="{R}/officeDocument" Target="word/document.xml"/>'
    around = (
        f'<Relationship Id="s" Type="{R}/styles" Target="styles.xml"/>'
        f'<Relationship Id="n" Type="{R}/numbering" Target="numbering.xml"/>'
    )
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": TYPES.format(main=main),
        "_rels/.rels": _relations(office),
        "word/_rels/document.xml.rels": _relations(around + relations),
        "word/document.xml": f"<w:document {SPACES}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {SPACES}>{STYLES}</w:styles>",
        "word/numbering.xml": f"<w:numbering {SPACES}>{numbering}</w:numbering>",
    }
    return packed(parts | dict(more or {}))


def paragraph(text: str, properties: str = "", look: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{look}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def picture(relation: str = 'r:embed="p1"', words: str = "") -> str:
    return (
        f'<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="{words}"/><a:graphic>'
        f"<a:graphicData><pic:pic><pic:blipFill><a:blip {relation}/></pic:blipFill></pic:pic>"
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )


def picture_relation(target: str = "media/a.png", mode: str = "") -> str:
    outside = ' TargetMode="External"' if mode else ""
    return f'<Relationship Id="p1" Type="{R}/image" Target="{target}"{outside}/>'


def listed(form: str, text: str, start: int = 1) -> str:
    """A numbering part with one list, whose number is 1."""
    return (
        f'<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="{start}"/>'
        f'<w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )


def numbered(text: str) -> str:
    return paragraph(text, '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')


def xlsx(*rows: Iterable[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _relations(lines: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'
