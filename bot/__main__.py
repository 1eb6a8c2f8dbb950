"""The command `gongbao`. A command's module is imported when the command is used, not before."""

import sys
from importlib import import_module, metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS = {
    "item": "Add items, review and sign them, see where they stand.",
    "check": "Look for personal data, secret marks and faults of form in a text.",
    "delivery": "See what went out and what did not; try again, cancel, settle.",
    "withdrawal": "Take back what is out: agree, settle by hand, see what became of it.",
    "account": "See the accounts, how they stand, and let a resting one go on.",
    "audit": "See who did what; prove the record unbroken.",
    "people": "Add people, give them roles, reset passwords, lock accounts.",
    "serve": "Run the office: web server, scheduler and workers.",
    "demo": "See the whole job on emulated platforms.",
    "drill": "Prove that everything is out exactly once, whatever fails.",
    "emulate": "Run one platform's emulator alone.",
    "config": "Print the example configuration, check your own.",
    "database": "Set up the database, bring it to this version.",
}


class Later(TyperCommand):
    """A command that is still to be imported."""

    def make_context(self, *args: Any, **options: Any) -> Any:
        module = import_module(f"bot.cli.{self.name}")
        command = typer.main.get_command(module.app)
        command.name = self.name
        return command.make_context(*args, **options)


class Nouns(TyperGroup):
    """The commands of the table above."""

    def __init__(self, **attributes: Any) -> None:
        attributes["commands"] = {name: Later(name, help=line) for name, line in COMMANDS.items()}
        super().__init__(**attributes)


app = typer.Typer(cls=Nouns, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gongbao {metadata.version('gongbao')}")
        raise typer.Exit


@app.callback()
def gongbao(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The configuration; else $GONGBAO_CONFIG, else ./config.toml."),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Gongbao (公报) publishes what an office has signed to WeChat and Weibo, once and on record."""
    context.obj = config


def main() -> None:
    """Run the command; what people did wrong is one line on stderr."""
    try:
        app()
    except Exception as error:
        from bot.cli import told

        line, code = told(error)
        typer.echo(line, err=True)
        sys.exit(code)


if __name__ == "__main__":
    main()
