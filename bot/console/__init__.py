"""The console: what staff see in the browser. One file for each screen; `routes.py` lists them all."""

from bot.console.console import Console

__all__ = ["Console"]
