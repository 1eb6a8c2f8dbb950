"""`gongbao drill`: is every post out exactly once, whatever crashes, times out or repeats?"""

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import print_json, print_table
from bot.errors import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.drill.search import Tally
    from bot.drill.verdict import Verdict

app = typer.Typer()


@app.command()
def drill(
    rounds: Annotated[int, typer.Option(min=0, help="How many stories to draw at random.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="The first story's seed; the next ones count on.")] = 1,
    only: Annotated[str, typer.Option(metavar="FAULT", help="Let nothing else go wrong; see --faults.")] = "",
    replay: Annotated[int | None, typer.Option(metavar="SEED", help="Tell one story step by step.")] = None,
    singles: Annotated[
        bool, typer.Option(help="First try each single mishap at each point of each way to publish.")
    ] = True,
    workers: Annotated[int, typer.Option(min=1, help="How many processes to use.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    faults: Annotated[bool, typer.Option("--faults", help="List what can go wrong, and end.")] = False,
) -> None:
    """Run the true engine against the emulated platforms while everything fails, and count what is out.

    A seed always tells the same story. The exit code is 1 if a post was out twice, lost or changed.
    """
    from bot.drill import campaign, story

    if only and only not in story.words():
        raise RuleBroken(f"没有故障“{only}”，可选的有：{'、'.join(sorted(story.words()))}。")
    if faults:
        for word, points in sorted(story.words().items()):
            typer.echo(f"{word:<16} {', '.join(points)}")
        return
    if replay is not None:
        verdict = campaign.replay(replay, only)
        _tell(verdict, as_json=as_json)
        sys.exit(1 if verdict.complaints else 0)
    with _progress() as tell:
        outcome = campaign.run(campaign.Order(rounds, seed, only, singles), workers, tell)
    _report(outcome.tally, outcome.seconds, as_json=as_json)
    if outcome.tally.failures:
        sys.exit(1)


@contextmanager
def _progress() -> "Iterator[Callable[[int, int], None]]":
    """A bar on the terminal; nothing where there is none."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("演练", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _report(tally: "Tally", seconds: float, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "ok": not tally.failures,
                "stories": tally.stories,
                "seconds": round(seconds, 1),
                "deliveries": dict(tally.states),
                "mishaps": dict(tally.words),
                "failures": [_as_json(verdict) for verdict in tally.failures],
            }
        )
        return
    from scheduler.delivery import WORDS, State

    print_table(
        ("结果", "投递"), ((WORDS[State(state)], count) for state, count in tally.states.most_common())
    )
    for failed in tally.failures:
        _tell(failed, as_json=False)
    verdict = f"{len(tally.failures)} 个没有做到。" if tally.failures else "没有重复，没有丢失，没有走样。"
    pace = f"用时 {seconds:.0f} 秒，每秒 {tally.stories / seconds:.0f} 个"
    typer.echo(f"{tally.stories} 个故事、{tally.words.total()} 次故障（{pace}）：{verdict}")


def _tell(verdict: "Verdict", *, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(verdict))
        return
    typer.echo("\n".join([str(verdict.story), *verdict.trace, *verdict.complaints, ""]))


def _as_json(verdict: "Verdict") -> dict[str, Any]:
    return {
        "seed": verdict.story.seed,
        "story": str(verdict.story).splitlines(),
        "trace": verdict.trace,
        "complaints": verdict.complaints,
    }
