"""Start-up: `gongbao --help`, and `gongbao serve` to the first healthy answer, with its memory.

Reference in the same run: a bare `python -c pass`.

    python -m tests.benchmarks.bench_start
"""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.benchmarks.parts import report

GONGBAO = [sys.executable, "-m", "bot"]
SERVE_SECONDS = 30


def milliseconds(command: list[str], rounds: int = 9) -> float:
    spans = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        spans.append((time.perf_counter() - began) * 1000)
    return statistics.median(spans)


def serve(folder: Path) -> tuple[float, float]:
    """Seconds until everything is ready, and megabytes (PSS) of the process and its Redis."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "config.toml"
    config.write_text(f"[web]\nport = {port}\n[log]\nlevel = 'error'\n")
    began = time.perf_counter()
    with subprocess.Popen([*GONGBAO, "--config", str(config), "serve"]) as process:
        try:
            _wait_ready(f"http://127.0.0.1:{port}/health/ready")
            seconds = time.perf_counter() - began
            return seconds, (_pss(process.pid) + _redis_pss(folder)) / 1024
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(SERVE_SECONDS)


def _wait_ready(address: str) -> None:
    deadline = time.monotonic() + SERVE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address) as answer:
                assert json.load(answer)["database"] == "ok"
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(address)


def _pss(pid: int) -> int:
    """Kilobytes; shared pages count in proportion."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1])


def _redis_pss(folder: Path) -> int:
    mark = os.fsencode(folder)
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return sum(_pss(pid) for pid in pids if b"redis" in (line := _command(pid)) and mark in line)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def main() -> None:
    bare = milliseconds([sys.executable, "-c", "pass"])
    help_ = milliseconds([*GONGBAO, "--help"])
    report("gongbao --help", help_, "ms", help_ / bare, "bare python")
    with tempfile.TemporaryDirectory() as folder:
        seconds, megabytes = serve(Path(folder))
    report("serve: to ready, all parts", seconds, "s", seconds * 1000 / bare, "bare python")
    report("serve: memory with its Redis (PSS)", megabytes, "MB")


if __name__ == "__main__":
    main()
