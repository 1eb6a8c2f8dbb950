"""`gongbao demo`: the whole job on emulated platforms."""

import signal
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import print_json
from bot.cli.delivery import print_log, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.demo import Demo, Verdict

app = typer.Typer()


@app.command()
def demo(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE...]", help="Documents of your own; else those of a made-up town."),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Do the job, print the delivery log, and end.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --once: print JSON.")] = False,
    seconds: Annotated[float, typer.Option(min=1, help="How long to wait for the platforms.")] = 120,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the web server; 0: any free one.")] = 0,
) -> None:
    """See items go from the desk to WeChat and Weibo, both emulated on this machine.

    With --once the exit code is 0 only if each post is out exactly once on each platform.
    """
    from bot import logs
    from bot.demo import ITEMS, Demo

    logs.configure("warning", "console")
    with tempfile.TemporaryDirectory(prefix="gongbao-demo-") as folder, Demo(Path(folder), port) as stage:
        verdict = _publish(stage, files or sorted(ITEMS.glob("*.md")), seconds)
        if as_json:
            print_json(_as_json(verdict))
        else:
            _print(verdict)
        if not once:
            _stay(stage)
    if verdict.complaints:
        sys.exit(1)


def _publish(stage: "Demo", documents: "Sequence[Path]", seconds: float) -> "Verdict":
    with _progress("拟稿、审核、签发", len(documents)) as tell:
        deliveries = stage.publish(documents)
        tell(len(documents))
    with _progress("发布到各平台", len(deliveries)) as tell:
        stage.wait(deliveries, seconds, tell)
    return stage.verdict(deliveries)


@contextmanager
def _progress(what: str, total: int) -> "Iterator[Callable[[int], None]]":
    """A bar on the terminal; nothing where there is none."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def _as_json(verdict: "Verdict") -> dict[str, object]:
    return {
        "ok": not verdict.complaints,
        "complaints": verdict.complaints,
        "deliveries": [record(row) | {"history": verdict.histories[row["id"]]} for row in verdict.deliveries],
        "platforms": verdict.shown,
    }


def _print(verdict: "Verdict") -> None:
    print_log(verdict.deliveries)
    for sentence in verdict.complaints:
        typer.echo(sentence, err=True)
    if not verdict.complaints:
        typer.echo(f"{len(verdict.deliveries)} 次投递全部发布，平台上每条恰好出现一次。")


def _stay(stage: "Demo") -> None:
    from bot.demo import ROLES
    from bot.people import ROLE_WORDS

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    typer.echo(f"\n控制台：{stage.web.address}/")
    for name, password in stage.admit_people().items():
        typer.echo(f"  {name}（{ROLE_WORDS[ROLES[name]]}）密码：{password}")
    for kind, server in stage.phones.items():
        typer.echo(f"手机上看到的({kind}):{server.address}/")
    typer.echo(f"健康检查：{stage.web.address}/health/ready")
    typer.echo(f"再发一条：gongbao --config {stage.config} item add 文件 --by 王芳")
    typer.echo("停止：Ctrl-C")
    stop.wait()
