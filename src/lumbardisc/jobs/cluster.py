"""Jobs on a cluster, by Dask: any of its own kinds, one row each in CLUSTERS."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

from lumbardisc.errors import UsageError
from lumbardisc.jobs.cluster_config import ClusterConfig
from lumbardisc.jobs.job import Job, Outcome
from lumbardisc.jobs.store import THREADS, outcome, work


def do_on_cluster(jobs: Sequence[Job], store: Path, config: ClusterConfig) -> Generator[Outcome, None, None]:
    """The outcomes as they come. Workers must see the folders under the same paths as this machine.

    A job whose worker died is given to another one, as often as Dask's ``allowed-failures`` says (3). Raises UsageError
    where the cluster cannot be had.
    """
    for package in ("dask", "distributed"):
        _need(package, 'pip install "lumbardisc[cluster]"')
    from distributed import Client, as_completed

    place = store.absolute()
    with ExitStack() as opened:
        client = _connect(config, opened, Client)
        futures = {client.submit(work, job, place, config.cores, key=f"{job.name}-{job.key}"): job for job in jobs}
        for future in as_completed(futures):
            job = futures.pop(future)
            yield _outcome(job, place, future)
            future.release()


def _outcome(job: Job, store: Path, future: Any) -> Outcome:
    """``work`` tells of every error itself: a future fails only where its workers died or cannot run it at all."""
    if future.status == "finished":
        return outcome(job, store, *future.result())
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        return Outcome(job, None, "every worker that tried it died; is there memory enough? See memory in the file")
    return Outcome(job, None, f"a worker could not run it ({_reason(error)})")


def _connect(config: ClusterConfig, opened: ExitStack, client: Callable[..., Any]) -> Any:
    """A client of a cluster that has a worker; both are closed with ``opened``."""
    advice = f"check the cluster file (kind = '{config.kind}')"
    try:
        cluster = opened.enter_context(CLUSTERS[config.kind](config))
        connected = opened.enter_context(client(cluster))
        connected.wait_for_workers(1, timeout=config.patience_s)
    except UsageError:
        raise
    except TimeoutError:
        raise UsageError(f"no worker came within {config.patience_s:g} s; {advice} or set patience_s") from None
    except Exception as error:  # of any type: every kind of cluster has its own
        raise UsageError(f"the cluster cannot be had ({_reason(error)}); {advice}") from error
    return connected


def _reason(error: BaseException) -> str:
    """Why, in one line: what an error came of first, as Dask wraps what went wrong in what it was about to do."""
    while error.__cause__:
        error = error.__cause__
    return f"{type(error).__name__}: {' '.join(str(error).split()):.300}"


def _local(config: ClusterConfig) -> Any:
    from distributed import LocalCluster

    usual = {"n_workers": config.workers, "threads_per_worker": 1, "memory_limit": config.memory}
    return LocalCluster(**{**usual, "dashboard_address": None, **config.options})


def _ssh(config: ClusterConfig) -> Any:
    _need("asyncssh", "pip install asyncssh")
    from distributed import SSHCluster

    worker = {"nthreads": 1, "memory_limit": config.memory}
    return SSHCluster(config.hosts, **{"worker_options": worker, **config.options})


def _slurm(config: ClusterConfig) -> Any:
    """Workers are jobs of SLURM; ``adapt`` asks for new ones where some were cancelled, which ``scale`` does not."""
    _need("dask_jobqueue", 'pip install "lumbardisc[cluster]"')
    if which("sbatch") is None:
        raise UsageError("kind = 'slurm' needs SLURM's sbatch, not found here; run it where jobs are submitted")
    from dask_jobqueue.slurm import SLURMCluster

    # one thread for Dask, which does one job at a time; SLURM gives the worker all its cores
    usual = {"cores": 1, "processes": 1, "job_cpu": config.cores, "memory": config.memory}
    cluster = SLURMCluster(**{**usual, **config.options})
    cluster.adapt(minimum_jobs=config.workers, maximum_jobs=config.workers)
    return cluster


def _kubernetes(config: ClusterConfig) -> Any:
    _need("dask_kubernetes", "pip install dask-kubernetes")
    from dask_kubernetes.operator import KubeCluster

    needs = {"cpu": str(config.cores), "memory": config.memory.replace("B", "")}
    usual = {"n_workers": config.workers, "env": {THREADS: str(config.cores)}, "resources": {"limits": needs}}
    return KubeCluster(**{**usual, **config.options})


def _need(package: str, install: str) -> None:
    if find_spec(package) is None:
        raise UsageError(f"--cluster needs {package.replace('_', '-')}, not installed here; {install}")


CLUSTERS: dict[str, Callable[[ClusterConfig], Any]] = {
    "local": _local,
    "ssh": _ssh,
    "slurm": _slurm,
    "kubernetes": _kubernetes,
}
