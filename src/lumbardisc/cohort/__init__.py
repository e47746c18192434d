"""Many studies: each analysed as a job of its own, then one table, one list of failures and one page for all."""

from lumbardisc.cohort.analyze import Task, analyze_cohort, finished
from lumbardisc.cohort.outputs import Failure, can_write_parquet, write_cohort
from lumbardisc.cohort.places import StudyFolder
from lumbardisc.cohort.study import parts_for

__all__ = [
    "Failure",
    "StudyFolder",
    "Task",
    "analyze_cohort",
    "can_write_parquet",
    "finished",
    "parts_for",
    "write_cohort",
]
