"""Jobs: each done once, whatever happens to another, here and in processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lumbardisc.errors import OutputError, UnreadableError
from lumbardisc.jobs import Engine, Job, Outcome, run

ENGINES = [Engine(1), Engine(2)]


def square(number: int, log: Path) -> dict[str, Any]:
    """Writes down that it ran."""
    with log.open("a") as file:
        file.write(f"{number} {os.getpid()}\n")
    return {"square": number**2}


def fail(reason: str) -> dict[str, Any]:
    raise UnreadableError(reason)


def stumble() -> dict[str, Any]:
    raise ZeroDivisionError("division by zero")


def die(log: Path, times: int) -> dict[str, Any]:
    """Killed outright, as for its memory, the first ``times``."""
    with log.open("a") as file:
        file.write("try\n")
    tries = len(log.read_text().splitlines())
    if tries <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"tries": tries}


def threads() -> dict[str, Any]:
    return {"threads": os.environ.get("OMP_NUM_THREADS")}


def squares(log: Path, count: int = 4) -> list[Job]:
    return [Job(f"job{number}", "key", square, (number, log)) for number in range(count)]


@pytest.mark.parametrize("engine", ENGINES)
def test_outcomes_come_in_order_and_finished_jobs_are_never_repeated(engine: Engine, tmp_path: Path) -> None:
    log, store, told = tmp_path / "log", tmp_path / "store", []
    first = run(squares(log), store, engine, told.append)
    assert [one.result for one in first] == [{"square": number**2} for number in range(4)]
    assert {one.job.name for one in told} == {"job0", "job1", "job2", "job3"}
    assert not any(one.kept for one in first)
    again = run(squares(log, 5), store, engine)
    assert [one.kept for one in again] == [True] * 4 + [False]
    assert [one.result for one in again[:4]] == [one.result for one in first]
    assert sorted(line.split()[0] for line in log.read_text().splitlines()) == ["0", "1", "2", "3", "4"]
    assert sorted(path.name for path in store.iterdir()) == [f"job{number}.json" for number in range(5)]


def test_another_key_is_another_job(tmp_path: Path) -> None:
    job = squares(tmp_path / "log", 1)[0]
    run([job], tmp_path, Engine())
    (changed,) = run([replace(job, key="other", arguments=(7, tmp_path / "log"))], tmp_path, Engine())
    assert (changed.kept, changed.result) == (False, {"square": 49})
    assert json.loads((tmp_path / "job0.json").read_text())["key"] == "other"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": "key"}', '{"key": "key", "result": {}', "\udcff"])
def test_a_damaged_result_is_made_again(tmp_path: Path, text: str) -> None:
    (tmp_path / "job3.json").write_bytes(text.encode(errors="surrogateescape"))
    outcome = run([Job("job3", "key", square, (3, tmp_path / "log"))], tmp_path, Engine())[0]
    assert (outcome.kept, outcome.result) == (False, {"square": 9})


@pytest.mark.parametrize("engine", ENGINES)
def test_a_job_that_raises_costs_no_other(engine: Engine, tmp_path: Path) -> None:
    jobs = [Job("bad", "key", fail, ("bad.nii: is truncated",)), Job("worse", "key", stumble), *squares(tmp_path / "l")]
    bad, worse, *good = run(jobs, tmp_path / "store", engine)
    assert (bad.result, bad.error) == (None, "bad.nii: is truncated")
    assert worse.error is not None
    assert worse.error.startswith("unexpected ZeroDivisionError: division by zero; please report")
    assert all(one.result for one in good)
    assert not (tmp_path / "store" / "bad.json").exists(), "what failed is tried again by the next run"


def test_what_json_cannot_hold_is_a_failure_and_leaves_nothing(tmp_path: Path) -> None:
    (outcome,) = run([Job("set", "key", dict, ([("a", {1})],))], tmp_path, Engine())
    assert "TypeError" in (outcome.error or "")
    assert list(tmp_path.iterdir()) == []


def test_a_killed_worker_loses_only_its_job_which_is_tried_once_more(tmp_path: Path) -> None:
    once, always = Job("once", "k", die, (tmp_path / "1", 1)), Job("always", "k", die, (tmp_path / "2", 9))
    survivor, lost, *others = run([once, always, *squares(tmp_path / "log")], tmp_path / "store", Engine(2))
    assert survivor.result == {"tries": 2}
    assert lost.result is None
    assert "killed by SIGKILL, 2 times" in (lost.error or "")
    assert all(one.result for one in others)
    assert len((tmp_path / "log").read_text().splitlines()) == 4


def test_workers_are_used_again_and_share_the_cores(tmp_path: Path) -> None:
    run(squares(tmp_path / "log", 6), tmp_path / "store", Engine(2))
    processes = {line.split()[1] for line in (tmp_path / "log").read_text().splitlines()}
    assert len(processes) <= 2
    assert str(os.getpid()) not in processes
    told = run([Job("a", "k", threads), Job("b", "k", threads)], tmp_path / "store", Engine(2))
    assert {one.result["threads"] for one in told if one.result} == {str(max(1, (os.cpu_count() or 1) // 2))}


def test_names_are_unique(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same name"):
        run(squares(tmp_path, 1) * 2, tmp_path, Engine())


def test_a_store_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be made"):
        run([], tmp_path / "file" / "store", Engine())


def test_a_store_that_loses_results_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lumbardisc.jobs.store._keep", lambda *_: None)
    (outcome,) = run(squares(tmp_path / "log", 1), tmp_path, Engine())
    assert "same paths" in (outcome.error or "")


def test_interrupted_the_workers_are_gone_and_nothing_is_half_written(tmp_path: Path) -> None:
    script = tmp_path / "long.py"
    script.write_text(
        textwrap.dedent("""
            import os, sys, time
            from pathlib import Path
            from lumbardisc.jobs import Engine, Job, run

            def slow(folder, seconds):
                part = Path(folder, f"{os.getpid()}.part")
                part.touch()
                try:
                    time.sleep(seconds)
                finally:
                    part.unlink()
                return {}

            if __name__ == "__main__":
                folder = sys.argv[1]
                jobs = [Job("quick", "k", slow, (folder, 0.0)), *(Job(f"s{n}", "k", slow, (folder, 60)) for n in "ab")]
                run(jobs, Path(folder, "store"), Engine(2))
        """)
    )
    # a group of its own, which Ctrl-C on a terminal would reach as a whole
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 20
    while len(parts := list(tmp_path.glob("*.part"))) < 2 or not (tmp_path / "store" / "quick.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert err.count("Traceback") == 1, "of the script itself; its workers are silent"
    assert list(tmp_path.glob("*.part")) == []
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["quick.json"]
    for part in parts:
        with pytest.raises(ProcessLookupError):
            os.kill(int(part.stem), 0)


def test_an_outcome_that_nobody_waits_for_stops_the_rest(tmp_path: Path) -> None:
    def refuse(_outcome: Outcome) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(squares(tmp_path / "log", 20), tmp_path / "store", Engine(2), refuse)
    assert len((tmp_path / "log").read_text().splitlines()) < 20
