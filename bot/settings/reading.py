"""From a file and the environment to Settings, or to one line that says what is wrong and where."""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

import channels
from bot.errors import SettingsError
from bot.settings.models import CLOCK_TIME, Account, Database, Redis, RuleSettings, Settings, secret_fields

CONFIG_VARIABLE = "GONGBAO_CONFIG"
WANTED = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
}
KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number with a fraction",
    str: "text",
    list: "a list",
    dict: "a table",
}
ACCOUNT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")

Model = TypeVar("Model", bound=BaseModel)
Table = dict[str, Any]
Place = tuple[str | int, ...]
Environ = Mapping[str, str]


def load(path: Path | None = None, environ: Environ = os.environ) -> Settings:
    """Read the file that `find` finds; without one, everything has its default.

    Relative paths in the file count from its folder. Raises SettingsError.
    """
    file = find(path, environ)
    folder = (file.parent if file else Path()).absolute()
    return _Reader(str(file or "environment"), folder, environ).settings(_parse(file) if file else {})


def find(path: Path | None = None, environ: Environ = os.environ) -> Path | None:
    """The file: `path`, else what $GONGBAO_CONFIG names, else ./config.toml if it is there."""
    named = path or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    if named is not None:
        return named
    usual = Path("config.toml")
    return usual if usual.exists() else None


def _parse(file: Path) -> Table:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: is not TOML: {error}") from None


class _Reader:
    """One reading: `source` and the dotted key open each complaint, `folder` is where paths count from."""

    def __init__(self, source: str, folder: Path, environ: Environ) -> None:
        self._source, self._folder, self._environ = source, folder, environ

    def settings(self, table: Table) -> Settings:
        for key, model in (("database", Database), ("redis", Redis)):
            table[key] = self._with_secrets(model, self._table(table.get(key, {}), (key,)), (key,))
        given = self._table(table.pop("accounts", {}), ("accounts",))
        settings = self._valid(Settings, table, ())
        shared = settings.scheduler.rules
        accounts = {name: self._account(name, given[name], shared) for name in given}
        folder = self._folder / settings.data.folder
        data = settings.data.model_copy(update={"folder": folder})
        words = str(self._folder / settings.checks.words) if settings.checks.words else ""
        checks = settings.checks.model_copy(update={"words": words})
        return settings.model_copy(update={"accounts": accounts, "data": data, "checks": checks})

    def _account(self, name: str, given: object, shared: RuleSettings) -> Account:
        place: Place = ("accounts", name)
        if not ACCOUNT_NAME.fullmatch(name):
            raise self._wrong(place, "an account's name is 1 to 32 of a-z, 0-9, _ and -")
        table = self._table(given, place)
        rules = self._table(table.pop("rules", {}), (*place, "rules"))
        model = self._load_kind(table.get("kind"), place).Settings
        channel = self._valid(model, self._with_secrets(model, table, place), place)
        own = self._valid(RuleSettings, shared.model_dump() | rules, (*place, "rules")).rules()
        return Account(name, channel, replace(own, quotas=channel.limits().quotas))

    def _load_kind(self, kind: object, place: Place) -> Any:
        known = channels.kinds()
        if not isinstance(kind, str):
            raise self._wrong((*place, "kind"), f"is missing; it is one of {_quoted(known)}")
        try:
            return channels.load(kind)
        except LookupError:
            raise self._wrong((*place, "kind"), f'unknown kind "{kind}"; {_nearest(kind, known)}') from None

    def _with_secrets(self, model: type[BaseModel], table: Table, place: Place) -> Table:
        """The table with each secret in its place, whether it came from a file or from the environment."""
        rest = dict(table)
        for field in secret_fields(model):
            key = (*place, field)
            named = rest.pop(f"{field}_file", None)
            if named is not None and field in rest:
                raise self._wrong(key, f"give either {field} or {field}_file, not both")
            if named is not None:
                rest[field] = self._secret(named, (*place, f"{field}_file"))
            variable = _variable(key)
            if variable in self._environ:
                rest[field] = self._environ[variable]
            elif f"{variable}_FILE" in self._environ:
                rest[field] = self._secret(self._environ[f"{variable}_FILE"], (f"${variable}_FILE",))
        return rest

    def _secret(self, name: object, key: Place) -> str:
        if not isinstance(name, str):
            raise self._wrong(key, f"must be a path in quotes, not {_kind_of(name)}")
        file = self._folder / name
        try:
            return file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise self._wrong(key, f"the secret file {file} cannot be read ({error.strerror})") from None
        except UnicodeDecodeError:
            raise self._wrong(key, f"the secret file {file} is not UTF-8 text") from None

    def _table(self, value: object, place: Place) -> Table:
        if not isinstance(value, dict):
            raise self._wrong(place, f"must be a table, not {_kind_of(value)}")
        return dict(value)

    def _valid(self, model: type[Model], table: Table, place: Place) -> Model:
        try:
            return model.model_validate(table)
        except ValidationError as invalid:
            found = invalid.errors(include_url=False)
            # a mistyped key is also a missing one: the typing error says more
            error = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
            raise self._wrong((*place, *error["loc"]), _complaint(model, error)) from None

    def _wrong(self, key: Place, what: str) -> SettingsError:
        dotted = ".".join(str(part) for part in key)
        return SettingsError(" ".join(f"{self._source}: {dotted}: {what}".split()))


def _complaint(model: type[BaseModel], error: Any) -> str:
    """What pydantic found, in plain words, and never the value: it may be a secret."""
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"unknown key; {_nearest(str(error['loc'][-1]), _known_keys(model, error['loc'][:-1]))}"
    if kind == "missing":
        return "is missing"
    if kind in WANTED:
        return f"must be {WANTED[kind]}, not {_kind_of(error['input'])}"
    if kind == "string_pattern_mismatch" and error["ctx"]["pattern"] == CLOCK_TIME:
        return 'must be a time of day such as "22:00"'
    words = str(error["msg"]).removeprefix("Value error, ")
    return words.replace("Input should be", "must be").replace("Input should", "must")


def _known_keys(model: type[BaseModel], place: Place) -> list[str]:
    """The keys of the table at `place` below `model`."""
    for part in place:
        field = model.model_fields.get(str(part))
        annotation = getattr(field, "annotation", None)
        nested = [annotation, *getattr(annotation, "__args__", ())]
        model = next((each for each in nested if _is_model(each)), model)
    secrets = [f"{name}_file" for name in secret_fields(model)]
    return [*model.model_fields, *secrets]


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, known := list(known), n=1)
    return f'did you mean "{near[0]}"?' if near else f"known are {_quoted(known)}"


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _variable(key: Place) -> str:
    return "_".join(["GONGBAO", *(str(part) for part in key)]).upper().replace("-", "_")


def _kind_of(value: object) -> str:
    return KINDS.get(type(value), "a date or time")
