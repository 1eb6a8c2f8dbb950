"""The example file, written from the models, so that it cannot fall behind them."""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import channels
from bot.settings.models import Column, Settings, Unit, secret_fields

HEAD = """\
Settings of Gongbao, each with its default. Copy this file to config.toml and change what you need.
Any secret may stand in a file of its own (url_file = "database.url", relative to this file), or in the
environment (GONGBAO_DATABASE_URL, GONGBAO_DATABASE_URL_FILE, GONGBAO_ACCOUNTS_<NAME>_<FIELD>).
A line that begins with # and no space is a setting that is switched off. Times of day are Beijing time."""

WIDTH = 108
NAMED: dict[str, tuple[str, type[BaseModel]]] = {"columns": ("通知公告", Column), "units": ("党政办", Unit)}


def example() -> str:
    """The text of config.example.toml."""
    return "\n".join([*_comment(HEAD, wrap=False), *_sections(), *_named_tables(), *_accounts()]) + "\n"


def _sections() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        model = field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from _section(name, model)


def _section(name: str, model: type[BaseModel]) -> Iterator[str]:
    yield from ("", f"[{name}]")
    nested: list[tuple[str, type[BaseModel]]] = []
    for key, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            nested.append((f"{name}.{key}", field.annotation))
        else:
            yield from _setting(key, field, secret=key in secret_fields(model))
    for inner, inner_model in nested:
        yield from _section(inner, inner_model)


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
        yield ""
        yield from _off([f"[accounts.{kind}]", f'kind = "{kind}"', *_settings(model, without="kind")])
        yield from _comment("For this account alone, any key of [scheduler.rules]:")
        yield from _off([f"[accounts.{kind}.rules]"])


def _settings(model: type[BaseModel], without: str = "") -> Iterator[str]:
    for key, field in model.model_fields.items():
        if key != without:
            yield from _setting(key, field, secret=key in secret_fields(model))


def _setting(key: str, field: FieldInfo, secret: bool = False) -> Iterator[str]:
    what = (field.description or "") + (f" (secret; or {key}_file)" if secret else "")
    yield from _comment(what)
    yield f"{key} = {_toml(_value(field))}"


def _value(field: FieldInfo) -> Any:
    """The default; for a setting that has none, its example."""
    if field.is_required():
        return (field.examples or [""])[0]
    default = field.get_default(call_default_factory=True, validated_data={})
    return "" if default in (None, PydanticUndefined) else default


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
