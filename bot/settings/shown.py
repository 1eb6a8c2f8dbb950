"""The settings as lines for people: dotted keys and values, secrets hidden."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, SecretStr

from bot.settings.models import Account, Settings

HIDDEN = "***"


def shown(settings: Settings) -> list[tuple[str, str]]:
    """(dotted key, value), in the order of the file; a secret is three stars, or nothing if it is empty."""
    return list(_lines("", settings))


def _lines(key: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case Account():
            yield from _lines(key, value.channel)
            yield from _table(f"{key}.rules", vars(value.rules))
        case BaseModel():
            yield from _table(key, {name: getattr(value, name) for name in type(value).model_fields})
        case Mapping():
            yield from _table(key, value)
        case SecretStr():
            yield key, HIDDEN if value.get_secret_value() else ""
        case list() | tuple():
            yield key, ", ".join(str(each) for each in value)
        case _:
            yield key, str(value)


def _table(key: str, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        yield from _lines(f"{key}.{name}" if key else name, value)
