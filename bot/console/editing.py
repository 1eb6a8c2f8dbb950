"""Writing: a new item, typed or from files; a new version of one that is not under review."""

import base64
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath

from starlette.datastructures import UploadFile
from starlette.responses import Response

from bot import importing
from bot.console.drafts import seen, shown_body
from bot.console.visit import Visit
from bot.desk import Dossier, Proposal
from bot.drafts import Act
from bot.errors import RuleBroken
from bot.importing import Imported
from bot.importing.titles import tidy
from bot.people import ROLE_WORDS, WRITERS, NotAllowed, Person, acts_open, want_right
from bot.settings import Settings
from channels.base import PICTURE_SCHEME, Post
from scheduler.plan import BEIJING

SUFFIXES = {"html": ".html", "markdown": ".md", "text": ".txt"}
OURS = re.compile(rf"""(?<=src=["'])(?:/drafts/\d+/pictures/|{PICTURE_SCHEME})([0-9a-f]{{64}})(?=["'])""")
FIELDS = ("title", "body", "format", "column", "unit", "author", "source", "due_at")


def new(visit: Visit) -> Response:
    return _form(visit, dict.fromkeys(FIELDS, "") | {"format": "text"}, list(visit.rooms.settings.accounts))


def add(visit: Visit) -> Response:
    """Several files become several items, all or none; typed text becomes one."""
    try:
        proposals = [_proposal(visit, document, name) for name, document in _documents(visit)]
        _want_the_unit(visit.person, visit.rooms.settings, proposals)
        ids = visit.rooms.desk.add(proposals, visit.person.name, visit.now)
    except NotAllowed:
        raise
    except RuleBroken as refusal:
        return _again(visit, str(refusal))
    if len(ids) > 1:
        return visit.go("/drafts", f"已添加 {len(ids)} 篇稿件。")
    notes = "".join(proposals[0].document.notes)
    return visit.go(f"/drafts/{ids[0]}", f"已添加稿件《{proposals[0].document.title}》。{notes}")


def edit(visit: Visit) -> Response:
    dossier = seen(visit)
    item, post = dossier.item, dossier.post
    want_right(visit.person, Act.REVISE, item.draft, item.unit)
    if Act.REVISE not in acts_open(visit.person, item.draft, item.unit):
        item.draft.after(Act.REVISE, visit.person.name, item.draft.version)
    values = {
        "title": post.title,
        "body": shown_body(dossier),
        "format": "html",
        "column": item.column,
        "unit": item.unit,
        "author": post.author,
        "source": post.source,
        "due_at": f"{item.due_at.astimezone(BEIJING):%Y-%m-%dT%H:%M}" if item.due_at else "",
    }
    return _form(visit, values, item.accounts, dossier)


def revise(visit: Visit) -> Response:
    dossier = seen(visit)
    item = dossier.item
    want_right(visit.person, Act.REVISE, item.draft, item.unit)
    try:
        [(name, document)] = _documents(visit, dossier.post)
        proposal = _proposal(visit, document, name)
        done = visit.rooms.desk.revise(
            item.draft.id, proposal, visit.person.name, visit.now, visit.number("seen")
        )
    except RuleBroken as refusal:
        return _again(visit, str(refusal), dossier)
    notes = "".join(document.notes)
    return visit.go(f"/drafts/{item.draft.id}", f"已保存为第 {done.draft.version} 版。{notes}")


def _documents(visit: Visit, post: Post | None = None) -> list[tuple[str, Imported]]:
    """What was uploaded, else what was typed. Raises RuleBroken."""
    uploads = visit.files("files") if post is None else visit.files("files")[:1]
    if uploads:
        title = visit.text("title") if len(uploads) == 1 else ""
        return [_taken_in(upload, title) for upload in uploads]
    if not visit.text("body"):
        raise RuleBroken("还没有正文，请写上正文，或选择要导入的文件。")
    if not visit.text("title"):
        raise RuleBroken("还没有标题，请写上标题。")
    body = visit.text("body")
    suffix = SUFFIXES.get(visit.text("format"), SUFFIXES["text"])
    body = _with_pictures(body, post) + _added_pictures(visit.files("pictures"), suffix)
    return [("在线编辑", importing.take_in(f"在线编辑{suffix}", body.encode(), title=visit.text("title")))]


def _taken_in(upload: UploadFile, title: str) -> tuple[str, Imported]:
    """In the thread of the request: the file lies in memory or in a temporary file of this machine."""
    name = tidy(PurePath((upload.filename or "").replace("\\", "/")).name)
    return name, importing.take_in(name, upload.file.read(), title=title)


def _with_pictures(body: str, post: Post | None) -> str:
    """Pictures that the item has already come along, whatever version they stood in."""
    if post is None:
        return body
    known = {picture.sha256: picture for picture in post.pictures}

    def inside(match: re.Match[str]) -> str:
        picture = known.get(match[1])
        return _data(picture.media_type, picture.content) if picture else match[0]

    return OURS.sub(inside, body)


def _added_pictures(uploads: Sequence[UploadFile], suffix: str) -> str:
    """Pictures that were chosen beside the text stand at its end."""
    if uploads and suffix == SUFFIXES["text"]:
        raise RuleBroken("纯文本里放不下图片，请把格式改为“网页”或“Markdown”再添加图片。")
    return "".join(
        f'\n\n<p><img src="{_data(each.content_type or "image/png", each.file.read())}" alt=""></p>'
        if suffix == SUFFIXES["html"]
        else f"\n\n![]({_data(each.content_type or 'image/png', each.file.read())})"
        for each in uploads
    )


def _data(media_type: str, content: bytes) -> str:
    kind = media_type if re.fullmatch(r"image/[a-z+]+", media_type) else "image/png"
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _proposal(visit: Visit, document: Imported, name: str) -> Proposal:
    return Proposal(
        document,
        name,
        visit.text("column"),
        visit.text("unit"),
        visit.text("author"),
        visit.text("source"),
        tuple(visit.texts("account")),
        _due_at(visit.text("due_at")),
    )


def _due_at(text: str) -> datetime | None:
    """Raises RuleBroken."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        raise RuleBroken(f"看不懂发布时间“{text}”，请写成 2026-11-23T08:30 这样的北京时间。") from None


def _want_the_unit(person: Person, settings: Settings, proposals: Sequence[Proposal]) -> None:
    for proposal in proposals:
        column = settings.columns.get(proposal.column)
        unit = proposal.unit or (column.unit if column else "") or settings.office.unit
        if not person.holds(WRITERS, unit):
            wanted = "、".join(ROLE_WORDS[role] for role in sorted(WRITERS))
            raise NotAllowed(f"您不是“{unit}”的{wanted}，不能替它拟稿，请改选自己的单位。")


def _again(visit: Visit, sentence: str, dossier: Dossier | None = None) -> Response:
    """The form as it was filled in, with what is wrong on top."""
    values = {name: visit.text(name) for name in FIELDS}
    return _form(visit, values, visit.texts("account"), dossier, sentence)


def _form(
    visit: Visit,
    values: dict[str, str],
    chosen: Sequence[str],
    dossier: Dossier | None = None,
    sentence: str = "",
) -> Response:
    settings = visit.rooms.settings
    return visit.page(
        "edit.html",
        422 if sentence else 200,
        item=dossier.item if dossier else None,
        values=values,
        chosen=chosen,
        columns=list(settings.columns),
        units=_own_units(visit.person, settings),
        sentence=sentence,
    )


def _own_units(person: Person, settings: Settings) -> list[str]:
    """Those the person may write for, as far as they are known."""
    own = person.units(WRITERS)
    known = list(settings.units)
    return known if own is None else [unit for unit in known if unit in own] or sorted(own)
