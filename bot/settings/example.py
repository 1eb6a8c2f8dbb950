"""The example file, written from the models, so that it cannot fall behind them."""

import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

import channels
from bot.settings.models import Column, Settings, Unit, secret_fields

HEAD = """\
Settings of Gongbao, each with its default. Copy this file to config.toml and change what you need.
Any secret may stand in a file of its own (url_file = "database.url", relative to this file), or in the
environment (GONGBAO_DATABASE_URL, GONGBAO_DATABASE_URL_FILE, GONGBAO_ACCOUNTS_<NAME>_<FIELD>).
A line that begins with # and no space is a setting that is switched off. What an account must have and has
no default is filled in here as the emulators want it (gongbao emulate). Times of day are Beijing time."""

WIDTH = 108
NAMED: dict[str, tuple[str, type[BaseModel]]] = {"columns": ("通知公告", Column), "units": ("党政办", Unit)}


def example() -> str:
    """The text of config.example.toml."""
    return "\n".join([*_comment(HEAD, wrap=False), *_sections(), *_named_tables(), *_accounts()]) + "\n"


def _sections() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        if _is_table(field):
            yield from _section(name, cast("type[BaseModel]", field.annotation))


def _section(name: str, model: type[BaseModel]) -> Iterator[str]:
    plain = {key: field for key, field in model.model_fields.items() if not _is_table(field)}
    yield from ("", f"[{name}]")
    for key, field in plain.items():
        yield from _setting(
            key, field, field.get_default(call_default_factory=True), secret=key in secret_fields(model)
        )
    for key, field in model.model_fields.items():
        if key not in plain:
            yield ""
            yield from _comment(field.description)
            yield from list(_section(f"{name}.{key}", cast("type[BaseModel]", field.annotation)))[1:]


def _is_table(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _named_tables() -> Iterator[str]:
    for key, (name, model) in NAMED.items():
        yield ""
        yield from _comment(Settings.model_fields[key].description)
        yield from _off([f'[{key}."{name}"]', *_settings(model)])


def _accounts() -> Iterator[str]:
    yield ""
    yield from _comment(Settings.model_fields["accounts"].description)
    for kind in channels.kinds():
        model = channels.load(kind).Settings
        given = channels.load_emulator(kind)().account("")
        yield ""
        yield from _off([f"[accounts.{kind}]", *_settings(model, given | {"kind": kind})])
        yield from _comment("For this account alone, any key of [scheduler.rules]:")
        yield from _off([f"[accounts.{kind}.rules]"])


def _settings(model: type[BaseModel], given: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
    """A table's settings; `given` are the values of those that have no default."""
    for key, field in model.model_fields.items():
        value = given.get(key, "") if field.is_required() else field.get_default(call_default_factory=True)
        yield from _setting(key, field, value, secret=key in secret_fields(model))


def _setting(key: str, field: FieldInfo, value: object, secret: bool = False) -> Iterator[str]:
    yield from _comment((field.description or "") + (f" (secret; or {key}_file)" if secret else ""))
    yield f"{key} = {_toml(value)}"


def _toml(value: Any) -> str:
    match value:
        case SecretStr():
            return json.dumps(value.get_secret_value(), ensure_ascii=False)
        case Path():
            return json.dumps(str(value), ensure_ascii=False)
        case list() | tuple():
            return "[" + ", ".join(_toml(each) for each in value) + "]"
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + "}"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _comment(text: str | None, *, wrap: bool = True) -> list[str]:
    text = text or ""
    lines = textwrap.wrap(text, WIDTH, break_long_words=False) if wrap else text.splitlines()
    return [f"# {line}" for line in lines]


def _off(lines: list[str]) -> list[str]:
    """Settings switched off; their comments stay comments."""
    return [line if line.startswith("# ") else f"#{line}" for line in lines]
