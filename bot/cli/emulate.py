"""`gongbao emulate`: one platform's emulator, alone."""

import json
import signal
import threading
from typing import Annotated

import typer

from bot.errors import RuleBroken

app = typer.Typer()


@app.command()
def emulate(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="The channel kind, such as wechat or weibo.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Its port; 0: any free one.")] = 0,
    callback: Annotated[
        str,
        typer.Option(metavar="URL", help="Where events are pushed, such as http://127.0.0.1:8080/hook/a."),
    ] = "",
    seed: Annotated[int, typer.Option(help="Of the faults that are drawn by chance.")] = 1,
) -> None:
    """Run one platform's emulator; the first line printed is JSON with its address and credentials.

    Faults: POST /_emulator/faults; what followers see: GET /_emulator/posts; the phone page: GET /.
    """
    import channels
    from bot.serving import HttpServer

    if kind not in _emulated():
        raise RuleBroken(f"没有“{kind}”的模拟平台，可选的有：{'、'.join(_emulated())}。")
    emulator = channels.load_emulator(kind)(callback=callback, seed=seed)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server = HttpServer(emulator, port=port).start()
    typer.echo(json.dumps(emulator.account(server.address), ensure_ascii=False))
    typer.echo(f"手机页面：{server.address}/  停止：Ctrl-C", err=True)
    stop.wait()
    server.stop()


def _emulated() -> list[str]:
    import channels

    return [kind for kind in channels.kinds() if channels.has_emulator(kind)]
