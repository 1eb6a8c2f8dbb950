"""`gongbao database`: the ledger's schema."""

import typer

from bot.cli import settings_of

app = typer.Typer(no_args_is_help=True)


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the database to this program's version; an empty one is set up."""
    from bot import schema
    from scheduler.database import open_engine

    settings = settings_of(context)
    settings.data.ready()
    engine = open_engine(settings.database_url())
    before = schema.current(engine)
    schema.upgrade(engine)
    now = schema.current(engine)
    engine.dispose()
    typer.echo(
        f"数据库已是最新版本（{now}）。" if before == now else f"数据库已从 {before or '空库'} 升级到 {now}。"
    )


@app.command()
def show(context: typer.Context) -> None:
    """Say which version the database is of."""
    from bot import schema
    from scheduler.database import open_engine

    settings = settings_of(context)
    settings.data.ready()
    engine = open_engine(settings.database_url())
    typer.echo(f"数据库版本：{schema.current(engine) or '空库'}；程序需要：{schema.head()}。")
    engine.dispose()
