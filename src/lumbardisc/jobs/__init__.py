"""Many jobs, each done once: here, in processes of this machine or on a cluster, and never again once finished."""

from lumbardisc.jobs.engine import Engine, engine_for
from lumbardisc.jobs.job import Job, Outcome
from lumbardisc.jobs.run import run
from lumbardisc.jobs.store import finished, forget, kept

__all__ = ["Engine", "Job", "Outcome", "engine_for", "finished", "forget", "kept", "run"]
