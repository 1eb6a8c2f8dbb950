"""Word documents: what a reader sees in them, and nothing else."""

from bot.importing.word.reading import Written, read

__all__ = ["Written", "read"]
