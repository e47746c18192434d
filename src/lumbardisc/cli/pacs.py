"""`analyze --from-pacs` and `--to-pacs`: studies are here as long as they are needed, results go where they belong."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NoReturn

from lumbardisc.cli.console import Voice
from lumbardisc.errors import InputError, LumbardiscError, OutputError, PacsError

if TYPE_CHECKING:
    from lumbardisc.io import Scan, Source
    from lumbardisc.io.pacs import Match, Pacs, Query

Find = Callable[[Sequence[Path]], list["Source"]]


def opened(address: str | None) -> Pacs | None:
    """The PACS at an address that the user gave, who is told by the environment. Raises UsageError."""
    from lumbardisc.io.pacs import open_pacs

    return None if address is None else open_pacs(address, os.environ)


@contextmanager
def retrieved(pacs: Pacs, asked: Sequence[Path], find: Find, voice: Voice) -> Iterator[list[Source]]:
    """The studies that are asked for, as ``find`` finds them in folders; what cannot be had becomes one that says so.

    Their images lie in a temporary folder that nobody else may enter, and that is gone with this context. Raises
    PacsError where nothing can be asked, UsageError where a question is none.
    """
    from lumbardisc.io.pacs import parse_query

    queries = [parse_query(str(text)) for text in asked]
    with _terminable(), TemporaryDirectory(prefix="lumbardisc-", ignore_cleanup_errors=True) as place:
        root = Path(place).resolve()
        failing = {source.path: source for query in queries for source in _retrieve(pacs, query, root, voice)}
        folders = sorted(root.iterdir())
        found = [_shown(source, root) for source in (find(folders) if folders else [])]
        yield _named_apart([*found, *failing.values()])


@contextmanager
def _terminable() -> Iterator[None]:
    """What schedulers and closed terminals send is heard as Ctrl-C is, so that no images stay behind."""
    names = ("SIGTERM", "SIGHUP")  # Windows has no second one; nohup has it ignored
    ends = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {end: signal.getsignal(end) for end in ends if signal.getsignal(end) is not signal.SIG_IGN}
    for end in before:
        signal.signal(end, signal.default_int_handler)
    try:
        yield
    finally:
        for end, handler in before.items():
            signal.signal(end, handler)


def _named_apart(sources: Sequence[Source]) -> list[Source]:
    """The sources under names that are unique, as those of UIDs that were cut short need not be."""
    from lumbardisc.io.names import unique

    names = unique([(source.name, source.name) for source in sources])
    return [replace(source, name=name) for source, name in zip(sources, names, strict=True)]


def _retrieve(pacs: Pacs, query: Query, root: Path, voice: Voice) -> Iterator[Source]:
    """Brings the studies that fit to ``root``, a folder each; yields those of which this fails."""
    from lumbardisc.io import Source
    from lumbardisc.io.names import safe
    from lumbardisc.io.pacs import find_studies

    matches = find_studies(pacs, query)
    voice.say(f"{pacs.address}: studies that fit {query.text}: {len(matches)}")
    if not matches:
        error = PacsError(f"{query.text}: {pacs.address} has no such study; check what is asked for")
        yield Source(safe(query.text), Path(query.text), partial(_fail, error))
    for match in matches:
        if not (root / match.uid).exists():
            yield from _retrieve_study(pacs, match, root / match.uid, voice)


def _retrieve_study(pacs: Pacs, match: Match, folder: Path, voice: Voice) -> Iterator[Source]:
    from shutil import rmtree

    from lumbardisc.io import Source
    from lumbardisc.io.names import safe
    from lumbardisc.io.pacs import fetch

    try:
        voice.say(f"  {match}: {fetch(pacs, match.uid, folder)} MR images")
    except (PacsError, OutputError) as error:
        rmtree(folder, ignore_errors=True)
        yield Source(safe(match.uid), Path(match.uid), partial(_fail, error))


def _fail(error: LumbardiscError) -> NoReturn:
    raise error


def _shown(source: Source, root: Path) -> Source:
    """The source with the temporary folder left out of all that is said of it."""
    return replace(source, path=source.path.relative_to(root), load=partial(_load, source.load, root))


def _load(load: Callable[[], Scan], root: Path) -> Scan:
    hidden = f"{root}{os.sep}"
    try:
        scan = load()
    except InputError as error:
        raise type(error)(str(error).replace(hidden, "")) from error
    warnings = tuple(warning.replace(hidden, "") for warning in scan.warnings)
    return replace(scan, warnings=warnings, companions=tuple(_shown(one, root) for one in scan.companions))


def unsent(pacs: Pacs | None, folder: Path, voice: Voice) -> str | None:
    """Send the DICOM objects of a study's results; why they could not be, None where they are or need not be."""
    from lumbardisc.report.folder import ON_DEMAND

    if pacs is None:
        return None
    files = [folder / name for name in ON_DEMAND if name.endswith(".dcm") and (folder / name).exists()]
    if not files:
        return f"{folder}: holds no DICOM objects any more; delete the folder and run the same command again"
    try:
        remarks = pacs.send(files)
    except PacsError as error:
        return f"{error}; the results are complete in {folder}, run the same command again to send them"
    voice.say(f"  sent to {pacs.address}: {', '.join(file.name for file in files)}")
    voice.detail("\n".join(f"  {remark}" for remark in remarks))
    return None
