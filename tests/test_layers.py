"""The shape of the house: who may import whom, who names a platform, which tables only grow."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import channels

ROOT = Path(__file__).parent.parent
ABOVE = sorted(path for part in ("bot", "scheduler") for path in (ROOT / part).rglob("*.py"))
ALL = sorted([*ABOVE, *(ROOT / "channels").rglob("*.py")])
ONLY_ADDED_TO = {
    "attempts",
    "posts",
    "blobs",
    "draft_acts",
    "draft_versions",
    "draft_pictures",
    "delivery_posts",
}
CHANGES = {"update", "delete"}
HOST = re.compile(r"([a-z0-9-]+\.)+(com|cn)")
STATEMENT = re.compile(r"\s*(?:UPDATE|DELETE\s+FROM)\s+(\w+)", re.IGNORECASE)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_contracts_of_the_layers_are_kept() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", ABOVE, ids=named)
def test_nobody_above_the_channels_names_a_platform(path: Path) -> None:
    """Explanations may; code that decides may not. A demo shows what it shows."""
    if path.name.startswith("demo"):
        assert not imported(path) & set(channels.kinds())
        return
    assert [word for word in words(path) for kind in channels.kinds() if kind in word.lower()] == []


@pytest.mark.parametrize("path", ALL, ids=named)
def test_a_table_that_only_grows_is_never_changed(path: Path) -> None:
    assert sorted(changed(path) & ONLY_ADDED_TO) == []


def test_a_change_of_such_a_table_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "connection.execute(sa.update(attempts))\nposts.delete()\ntext('UPDATE blobs SET x')"
    )
    assert changed(tmp_path / "a.py") == {"attempts", "posts", "blobs"}


def test_a_platform_named_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('"""Of WeChat."""\nif kind == "wechat":\n    send()  # to weibo\n')
    assert "wechat" in list(words(tmp_path / "a.py"))
    assert "weibo" not in " ".join(words(tmp_path / "a.py"))


def words(path: Path) -> Iterator[str]:
    """The names in a file's code, and its short texts: one word, as kinds are. Sentences are for people,
    and a host's name is an address like any other."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Constant(value=str(text)) if len(text.split()) == 1 and not HOST.fullmatch(text):
                yield text
            case ast.ImportFrom(module=str(module)):
                yield module


def imported(path: Path) -> set[str]:
    """Every part of every module that a file imports."""
    parts: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            parts |= set((node.module or "").split("."))
        elif isinstance(node, ast.Import):
            parts |= {part for alias in node.names for part in alias.name.split(".")}
    return parts


def changed(path: Path) -> set[str]:
    """Tables that a file updates or deletes from, as far as the call or the statement names them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id=verb) | ast.Attribute(attr=verb), args=[table, *_]) if (
                verb in CHANGES
            ):
                found.add(ast.unparse(table).rpartition(".")[2])
            case ast.Call(func=ast.Attribute(value=table, attr=verb), args=[]) if verb in CHANGES:
                found.add(ast.unparse(table).rpartition(".")[2])
            case ast.Constant(value=str(text)) if statement := STATEMENT.match(text):
                found.add(statement[1].lower())
    return found
