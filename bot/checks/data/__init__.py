"""The word lists that are shipped: a row a line, columns parted by tabs, # begins a comment."""

from pathlib import Path

FOLDER = Path(__file__).parent


def rows(name: str) -> list[list[str]]:
    """The rows of a shipped list."""
    return [row for _, row in read(FOLDER / name)]


def read(file: Path) -> list[tuple[int, list[str]]]:
    """The rows of a list, each with the number of its line. Raises OSError, UnicodeDecodeError."""
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    return [
        (number, [cell.strip() for cell in line.split("\t")])
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.startswith("#")
    ]
