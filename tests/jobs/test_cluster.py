"""Clusters: what their file may say, and Dask's local one as the others' stand-in."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from lumbardisc.errors import UsageError
from lumbardisc.jobs import Engine, Job, engine_for, run
from lumbardisc.jobs.cluster_config import ClusterConfig


def add(first: int, second: int) -> dict[str, Any]:
    return {"sum": first + second, "threads": os.environ["OMP_NUM_THREADS"], "process": os.getpid()}


def die_once(log: Path) -> dict[str, Any]:
    if not log.exists():
        log.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"lives": 2}


def fail() -> dict[str, Any]:
    raise UsageError("as it should")


def written(folder: Path, text: str) -> Path:
    path = folder / "cluster.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_local_cluster_does_the_jobs_and_survives_a_killed_worker(tmp_path: Path) -> None:
    engine = engine_for(cluster=written(tmp_path, 'kind = "local"\nworkers = 2\ncores = 3\nmemory = "1GiB"\n'))
    jobs = [Job(f"add{n}", "key", add, (n, n)) for n in range(5)]
    jobs += [Job("dies", "key", die_once, (tmp_path / "died",)), Job("fails", "key", fail)]
    *added, died, failed = run(jobs, tmp_path / "store", engine)
    assert [one.result and one.result["sum"] for one in added] == [0, 2, 4, 6, 8]
    assert {one.result["threads"] for one in added if one.result} == {"3"}
    assert os.getpid() not in {one.result["process"] for one in added if one.result}
    assert died.result == {"lives": 2}
    assert failed.error == "as it should"
    again = run(jobs[:5], tmp_path / "store", Engine(cluster=ClusterConfig(kind="kubernetes")))
    assert all(one.kept for one in again), "and no cluster is asked for what is finished"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "kind: Field required"),
        ("kind = 'pbs'", "kind: Input should be"),
        ("kind = 'local'\nworkers = 0", "workers: Input should be greater"),
        ("kind = 'local'\nqueue = 'batch'", "queue: Extra inputs"),
        ("kind = 'ssh'", "cluster.toml: hosts go with"),
        ("kind = 'local'\nhosts = ['a']", "hosts go with"),
        ("kind = ", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_the_setting(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        engine_for(cluster=written(tmp_path, text))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        engine_for(cluster=tmp_path / "none.toml")


def test_jobs_and_cluster_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="exclude each other"):
        engine_for(2, written(tmp_path, "kind = 'local'"))
    with pytest.raises(UsageError, match="1 or more"):
        engine_for(0)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (ClusterConfig(kind="local", options={"no_such_option": 1}), "no_such_option"),
        (ClusterConfig(kind="local", options={"n_workers": 0}, patience_s=0.2), "no worker came within 0.2 s"),
        (ClusterConfig(kind="kubernetes"), "dask-kubernetes, not installed here"),
        (ClusterConfig(kind="slurm"), "sbatch, not found here"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.kind,
)
def test_a_cluster_that_cannot_be_had_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: ClusterConfig, said: str
) -> None:
    monkeypatch.setattr("lumbardisc.jobs.cluster.which", lambda _name: None)
    with pytest.raises(UsageError) as caught:
        run([Job("a", "key", add, (1, 1))], tmp_path, Engine(cluster=config))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_asked_of_slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script that sbatch would get, by dask-jobqueue itself."""
    from lumbardisc.jobs.cluster import CLUSTERS

    monkeypatch.setattr("lumbardisc.jobs.cluster.which", lambda _name: "sbatch")
    monkeypatch.setattr("dask_jobqueue.slurm.SLURMCluster.adapt", lambda _self, **asked: asked_of.update(asked))
    asked_of: dict[str, Any] = {}
    options = {"queue": "lumbar", "walltime": "02:00:00", "log_directory": str(tmp_path)}
    config = ClusterConfig(kind="slurm", workers=7, cores=4, memory="6GiB", options=options)
    with CLUSTERS["slurm"](config) as cluster:
        script = cluster.job_script()
    assert asked_of == {"minimum_jobs": 7, "maximum_jobs": 7}
    for line in ("#SBATCH -p lumbar", "#SBATCH --cpus-per-task=4", "#SBATCH --mem=6G", "#SBATCH -t 02:00:00"):
        assert line in script
    assert "--nthreads 1" in script
