"""`gongbao config`: the example, and what was read."""

import typer

from bot.cli import print_table, settings_of

app = typer.Typer(no_args_is_help=True)


@app.command()
def example() -> None:
    """Print every setting with its default and a sentence (config.example.toml)."""
    from bot.settings import example as text

    typer.echo(text(), nl=False)


@app.command()
def check(context: typer.Context) -> None:
    """Read the configuration and show what it says, secrets hidden."""
    from bot.settings import find, shown

    lines = shown(settings_of(context))
    print_table(("setting", "value"), lines, title=str(find(context.obj) or "no file, only defaults"))
