"""What the commands say: results on stdout, one line per error on stderr, a bar where someone watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lumbardisc.errors import explain as explain  # commands that catch an error also complain of it

Advance = Callable[[str, float], None]


@dataclass(frozen=True)
class Voice:
    """How much a command says: nothing but errors (``quiet``), the results, or the details too (``verbose``)."""

    quiet: bool = False
    verbose: bool = False

    def say(self, text: str) -> None:
        """Print a result."""
        if not self.quiet:
            print("\n".join(printable(line) for line in text.splitlines()), flush=True)  # into a log file as well

    def detail(self, text: str) -> None:
        """Print what only ``-v`` asks for."""
        if self.verbose:
            self.say(text)

    @contextmanager
    def progress(self, total: float) -> Iterator[Advance]:
        """A bar to ``total``, moved by ``advance(text, done)``; none with ``-q`` or when stdout is not a terminal."""
        if self.quiet or not sys.stdout.isatty():
            yield lambda _text, _done: None
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
        # rich reroutes what is printed beside the bar; a stderr that goes to a file must stay untouched
        with Progress(*columns, transient=True, redirect_stderr=sys.stderr.isatty()) as bar:
            task = bar.add_task("", total=total)

            def advance(text: str, done: float) -> None:
                bar.update(task, completed=done, description=printable(text), refresh=True)

            yield advance


def complain(text: str) -> None:
    """Print one error as one line on stderr."""
    print(f"lumbardisc: {printable(' '.join(text.split()))}", file=sys.stderr)


def printable(text: str) -> str:
    """Text from headers and file names with its control characters replaced, so that none reaches the terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
