"""Picking what is due, among 1,000 and among 1,000,000 deliveries that wait for their time.

python -m tests.benchmarks.bench_due [--rows 1000000]
"""

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from scheduler import ledger
from scheduler.database import reading
from tests.benchmarks.parts import a_ledger, fill, report

DUE = 20
LOOKS = 300


def milliseconds(engine: Engine, now: datetime) -> list[float]:
    """One look at what is due, `LOOKS` times."""
    spans = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        with reading(engine) as connection:
            found = ledger.due(connection, now, 1000)
        spans.append((time.perf_counter() - began) * 1000)
        assert len(found) == DUE
    return sorted(spans)


def measure(rows: int) -> list[float]:
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        engine = a_ledger(Path(folder))
        fill(engine, rows, ["town", "county"], now + timedelta(days=30), batch=50_000)
        fill(engine, DUE, ["town"], now - timedelta(minutes=1), first=rows)
        spans = milliseconds(engine, now)
        engine.dispose()
    return spans


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    wanted = parser.parse_args()
    few, many = measure(1_000), measure(wanted.rows)
    reference = statistics.median(few)
    report("due among 1,000, p50", reference, "ms")
    report(
        f"due among {wanted.rows:,}, p50",
        statistics.median(many),
        "ms",
        statistics.median(many) / reference,
        "1,000",
    )
    report(f"due among {wanted.rows:,}, p99", many[int(len(many) * 0.99)], "ms")


if __name__ == "__main__":
    main()
