"""Celery as the reference: `count` no-op jobs on Redis, worked by one solo worker; prints jobs a second.

The job appends a byte to a file, so that the work can be counted from outside.
"""

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from celery import Celery


def main(url: str, count: int, path: Path) -> None:
    app = Celery("bench", broker=url)
    app.conf.task_ignore_result = True
    app.conf.task_acks_late = True  # as we do: done first, acknowledged then
    app.conf.worker_redirect_stdouts = False
    path.unlink(missing_ok=True)
    path.touch()

    @app.task(name="noop")  # type: ignore[untyped-decorator]
    def noop(_number: int) -> None:
        with path.open("ab") as done:
            done.write(b".")

    for number in range(count):
        noop.delay(number)
    worker: Any = app.Worker(pool="solo", concurrency=1, loglevel="ERROR", quiet=True)

    def watch() -> None:
        while not path.stat().st_size:
            time.sleep(0.001)
        began, first = time.perf_counter(), path.stat().st_size
        while path.stat().st_size < count:
            time.sleep(0.002)
        print((count - first) / (time.perf_counter() - began), flush=True)
        os._exit(0)  # its own way out sometimes hangs

    threading.Thread(target=watch, daemon=True).start()
    worker.start()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
