"""Where jobs are done: in this process, in processes of this machine, or by Dask on a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lumbardisc.errors import UsageError
from lumbardisc.jobs.job import Job, Outcome
from lumbardisc.jobs.store import outcome, work

if TYPE_CHECKING:
    from lumbardisc.jobs.cluster_config import ClusterConfig


@dataclass(frozen=True)
class Engine:
    """workers: jobs at a time on this machine; 1 is this process itself. cluster: takes their place where given."""

    workers: int = 1
    cluster: ClusterConfig | None = None

    def do(self, jobs: Sequence[Job], store: Path) -> Iterator[Outcome]:
        """The outcomes as they come; see ``jobs.run``."""
        if self.cluster:
            from lumbardisc.jobs.cluster import do_on_cluster

            return do_on_cluster(jobs, store, self.cluster)
        if self.workers > 1 and len(jobs) > 1:
            from lumbardisc.jobs.processes import do_in_processes

            return do_in_processes(jobs, store, self.workers)
        return (outcome(job, store, *work(job, store)) for job in jobs)


def engine_for(jobs: int = 1, cluster: Path | None = None) -> Engine:
    """The engine a user asks for: so many jobs at a time on this machine, or what a TOML file says of a cluster.

    Raises UsageError with one line where both are asked for, the file is wrong, or what the cluster needs is not
    installed.
    """
    if cluster is None:
        if jobs < 1:
            raise UsageError(f"--jobs {jobs}: must be 1 or more")
        return Engine(jobs)
    if jobs != 1:
        raise UsageError(f"--jobs {jobs} and --cluster {cluster}: exclude each other; the file says how many workers")
    from lumbardisc.jobs.cluster_config import read_cluster

    return Engine(cluster=read_cluster(cluster))
