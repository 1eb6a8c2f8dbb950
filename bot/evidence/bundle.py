"""The record as a ZIP: the same record makes the same bytes."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.drafts import WORDS, Act
from bot.evidence.record import Record, Version
from channels.base import PICTURE_SCHEME, Picture
from scheduler import delivery
from scheduler.plan import BEIJING

SUMS = "sha256sums.txt"
ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif"}
LEVELS = {"block": "不能发布", "need_reason": "须写明理由", "warn": "请核对", "info": "提示"}


def bundle(record: Record) -> bytes:
    """`sha256sum -c sha256sums.txt` accepts its files; `index.html` tells a person what they are."""
    files = _files(record)
    files["index.html"] = _index(record, sorted(files)).encode()
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return _packed(files | {SUMS: sums.encode()})


def _files(record: Record) -> dict[str, bytes]:
    files = {f"pictures/{_file(each)}": each.content for each in record.pictures.values()}
    for number, version in enumerate(record.versions, 1):
        files[f"versions/{number}.txt"] = f"{version.post.title}\n\n{version.post.text}\n".encode()
        files[f"versions/{number}.html"] = _page("version.html", version=version, html=_body(version))
        files[f"versions/{number}.json"] = version.post.canonical().encode()
    files["acts.json"] = _json(record.acts)
    files["checks.json"] = _json([asdict(remark) for remark in record.remarks])
    files["audit.jsonl"] = "".join(f"{_line(asdict(entry))}\n" for entry in record.entries).encode()
    if record.frozen:
        files["post.json"] = record.frozen.encode()
        files["deliveries.json"] = _json(
            [{**each, "attempts": record.attempts[each["id"]]} for each in record.deliveries]
        )
    if record.withdrawals:
        files["withdrawals.json"] = _json(record.withdrawals)
    return files


def _index(record: Record, names: list[str]) -> str:
    frozen = hashlib.sha256(record.frozen.encode()).hexdigest() if record.frozen else ""
    return _page("index.html", record=record, names=names, frozen=frozen).decode()


def _body(version: Version) -> str:
    """With the addresses of the pictures as they lie in the bundle."""
    html = version.post.html
    for picture in version.post.pictures:
        html = html.replace(PICTURE_SCHEME + picture.sha256, f"../pictures/{_file(picture)}")
    return html


def _file(picture: Picture) -> str:
    return picture.sha256 + ENDINGS[picture.media_type]


def _page(template: str, **values: Any) -> bytes:
    return _templates().get_template(template).render(values).encode()


def _templates() -> Environment:
    folder = FileSystemLoader(Path(__file__).parent / "templates")
    found = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    found.filters |= {"beijing": _beijing, "act": _act, "state": _state, "event": _event, "level": LEVELS.get}
    return found


def _beijing(moment: datetime | None) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}" if moment else ""


def _act(act: str) -> str:
    return "拟稿" if act == "add" else str(WORDS.get(Act(act), act))


def _state(state: str) -> str:
    return delivery.WORDS[delivery.State(state)]


def _event(event: str) -> str:
    return delivery.WORDS[delivery.Event(event)]


def _json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2, default=_plain)
    return f"{text}\n".encode()


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain)


def _plain(value: Any) -> str:
    return value.astimezone(BEIJING).isoformat() if isinstance(value, datetime) else str(value)


def _packed(files: Mapping[str, bytes]) -> bytes:
    """Stored, not deflated: zlib's bytes change with its version."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as package:
        for name in sorted(files):
            entry = ZipInfo(name)  # of 1980, with the rights of a file that everybody may read
            entry.external_attr = 0o644 << 16
            package.writestr(entry, files[name])
    return out.getvalue()
