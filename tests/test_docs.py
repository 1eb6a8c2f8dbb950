"""What the documents name is there: commands, targets, files, settings, links."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from bot import settings
from bot.__main__ import COMMANDS
from bot.cli.delivery import LOG
from scheduler.delivery import WORDS, State

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("channels/**/*.md")])
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")

NOT_OURS = {"config.toml"}  # the office's own
NAMED_FILE = re.compile(r"[\w-]+(\.[\w-]+)*\.(py|md|tsv|toml|lock)")
NAMED_PATH = re.compile(r"[\w-][\w.-]*/[\w./-]*")

every_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT))
)


@every_document
def test_every_command_is_there_with_its_options(document: Path) -> None:
    for words in commands(document, "gongbao"):
        assert unknown(words) == [], " ".join(["gongbao", *words])


@every_document
def test_every_make_target_is_there(document: Path) -> None:
    targets = re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"))
    for words in commands(document, "make"):
        assert set(words) <= set(targets)


@every_document
def test_every_module_to_run_is_there(document: Path) -> None:
    for words in commands(document, "python"):
        if words[0] == "-m":
            assert (ROOT / words[1].replace(".", "/")).with_suffix(".py").exists(), words[1]


@every_document
def test_every_file_is_there(document: Path) -> None:
    known = [f"/{path.relative_to(ROOT)}" for path in tree()]
    for word in spans(document):
        if (NAMED_FILE.fullmatch(word) or NAMED_PATH.fullmatch(word)) and word not in NOT_OURS:
            assert any(path.endswith("/" + word.rstrip("/")) for path in known), word


@every_document
def test_every_setting_is_there(document: Path) -> None:
    example = every_setting()
    for word in spans(document):
        section, *keys = word.split(".")
        if section in example and keys and not NAMED_FILE.fullmatch(word):
            assert found(example, [section, *keys]), word


@every_document
def test_every_example_configuration_is_one(document: Path, tmp_path: Path) -> None:
    for number, text in enumerate(blocks(document, "toml")):
        file = tmp_path / f"{number}.toml"
        file.write_text(text, encoding="utf-8")
        assert settings.load(file, {}).accounts


@every_document
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", prose(document)):
        path, _, heading = target.partition("#")
        page = document.parent / path if path else document
        assert page.exists(), target
        assert not heading or heading in headings(page), target


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.name)
def test_the_map_shows_what_is_there(readme: Path) -> None:
    folder = ROOT
    for line in blocks(readme, "")[0].splitlines():
        folder = folder if line.startswith(" ") else ROOT / line.split()[0]
        for name in re.findall(r"[\w-]+(?:\.py|\.md|/)", line):
            assert (ROOT / name).exists() or (folder / name).exists(), line


def test_the_map_leaves_no_package_out() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages <= set(re.findall(r"(?m)^(\w+)/", blocks(READMES[0], "")[0]))


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.name)
def test_the_transcript_has_the_columns_of_the_log(readme: Path) -> None:
    assert blocks(readme, "text")[0].splitlines()[0].split() == list(LOG)


@pytest.mark.parametrize("program", ["gongbao", "make", "python"])
def test_both_readmes_name_the_same_commands(program: str) -> None:
    english, chinese = (list(commands(readme, program)) for readme in READMES)
    assert english == chinese


def test_both_readmes_name_the_same_files_and_figures() -> None:
    english, chinese = ([word for word in spans(readme) if "/" in word] for readme in READMES)
    assert english == chinese
    assert len(headings(READMES[0])) == len(headings(READMES[1]))


def test_the_guide_explains_every_state() -> None:
    guide = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| (\w+) \| (\w+) \|", guide)
    assert [row for row in rows if row[0] in set(State)] == [(state, WORDS[state]) for state in State]


def test_the_changelog_begins_with_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest = re.findall(r"(?m)^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))[0]
    assert newest == project["version"]


# Reading a document


def blocks(document: Path, language: str) -> list[str]:
    text = document.read_text(encoding="utf-8")
    return [body for kind, body in re.findall(r"(?ms)^```(\w*)\n(.*?)^```", text) if kind == language]


def prose(document: Path) -> str:
    """The document without its blocks."""
    return re.sub(r"(?ms)^```.*?^```", "", document.read_text(encoding="utf-8"))


def spans(document: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(document))


def headings(document: Path) -> list[str]:
    """As addresses within the page."""
    titles = re.findall(r"(?m)^#+ (.+)$", prose(document))
    return [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]


def commands(document: Path, program: str) -> Iterator[list[str]]:
    """The words after the program's name, in running text and at the prompt."""
    typed = [
        line[2:] for block in blocks(document, "console") for line in block.splitlines() if line[:2] == "$ "
    ]
    for line in [*spans(document), *typed]:
        if line.removeprefix(".venv/bin/").startswith(f"{program} "):
            yield shlex.split(line.partition(" > ")[0])[1:]


def tree() -> Iterator[Path]:
    yield from ROOT.iterdir()
    for folder in ("bot", "channels", "scheduler", "tests", "docs"):
        yield from (ROOT / folder).rglob("*")


# Looking things up


def unknown(words: list[str]) -> list[str]:
    """The command's words that the command line does not know."""
    if words[0] in ("--help", "--version"):
        return []
    if words[0] == "--config":
        return unknown(words[2:])
    if words[0] not in COMMANDS:
        return words[:1]
    command = typer.main.get_command(import_module(f"bot.cli.{words[0]}").app)
    rest = words[1:]
    if isinstance(command, TyperGroup) and rest:
        if rest[0] not in command.commands:
            return rest[:1]
        command, rest = command.commands[rest[0]], rest[1:]
    options = {option for parameter in command.params for option in parameter.opts}
    return [word for word in rest if word.startswith("-") and word not in options | {"--help"}]


def every_setting() -> dict[str, Any]:
    return tomllib.loads(re.sub(r"(?m)^#(?! )", "", settings.example()))


def found(table: Any, keys: list[str]) -> bool:
    """NAME stands for any account."""
    for key in keys:
        if key == "NAME":
            table = table[next(iter(table))]
        elif not isinstance(table, dict) or key not in table:
            return False
        else:
            table = table[key]
    return True
