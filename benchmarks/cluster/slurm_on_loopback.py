"""A cohort of phantoms on a real SLURM on this machine alone, with a worker cancelled on the way: nothing may be lost.

    sudo apt-get install slurmctld slurmd slurm-client munge
    sudo .venv/bin/python benchmarks/cluster/slurm_on_loopback.py OUT [STUDIES]

As root on a machine without a SLURM of its own: munged, slurmctld and slurmd are started with files in OUT/slurm and
ended at the end; nothing is written elsewhere but munge's key where there is none.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from lumbardisc.io import save_nifti
from lumbardisc.phantom import make_phantom
from lumbardisc.phantom.acquire import Geometry
from lumbardisc.volume import Volume

WORKERS, MEMORY_MB = 2, 2048
KEY = Path("/etc/munge/munge.key")


def main() -> None:
    """Draw the phantoms, start SLURM, run the cohort, cancel one of its workers, run again, end SLURM."""
    out = Path(sys.argv[1]).resolve()
    studies = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    draw_phantoms(out / "phantoms", studies)
    shutil.rmtree(out / "out", ignore_errors=True)
    config = out / "cluster.toml"
    with slurm(out / "slurm"):
        config.write_text(cluster_toml(out / "slurm"), encoding="utf-8")
        begin = time.perf_counter()
        with running(analyze(out, config)) as process:
            cancelled = cancel_one_at_work(out)
            code = process.wait()
        first = time.perf_counter() - begin
        print(f"cancelled job {cancelled}; exit code {code}; {finished(out)} of {studies} done in {first:.0f} s")
        print(f"workers as SLURM saw them: {', '.join(ended(out / 'slurm'))}")
        begin = time.perf_counter()
        again = subprocess.run(analyze(out, config), capture_output=True, text=True, check=False)
        print(
            f"again: exit code {again.returncode}, {time.perf_counter() - begin:.0f} s: {again.stdout.splitlines()[0]}"
        )


def draw_phantoms(folder: Path, count: int) -> None:
    """Small T2 phantoms, each another spine; those that are there stay."""
    folder.mkdir(parents=True, exist_ok=True)
    pixel = 270 / 256
    plan = {"slices": 5, "matrix": (256, 256), "pixel_mm": (pixel, pixel), "gap_mm": 2.0}
    for seed in range(count):
        path = folder / f"phantom{seed:02}.nii.gz"
        if not path.exists():
            image = make_phantom(seed, geometry=Geometry.plan(**plan, centre=(0.0, 22.0, -22.0)), samples=1).image
            grey = np.rint(image.array * (1600.0 / image.array.max())).astype(np.uint16)
            save_nifti(Volume(grey, image.affine), path)


@contextmanager
def slurm(folder: Path) -> Iterator[None]:
    """Controller, one node and their authentication, all on this machine, while the context lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
    (folder / "slurm.conf").write_text(slurm_conf(folder), encoding="utf-8")
    with ExitStack() as opened:
        opened.enter_context(munge(folder))
        for daemon in ("slurmctld", "slurmd"):
            opened.enter_context(running([daemon, "-D", "-f", str(folder / "slurm.conf")], folder / f"{daemon}.out"))
        wait_until(lambda: "idle" in told(["sinfo", "-h", "-o", "%T"]), "the node to be idle")
        yield
        told(["scancel", "--user", "root"])


def slurm_conf(folder: Path) -> str:
    """The least that runs jobs on one node, with memory as a resource."""
    host = socket.gethostname().partition(".")[0]
    settings = {
        "ClusterName": "loopback",
        "SlurmctldHost": f"{host}(127.0.0.1)",
        "SlurmUser": "root",
        "AuthType": "auth/munge",
        "AuthInfo": f"socket={folder / 'munge.socket'}",
        "ProctrackType": "proctrack/linuxproc",
        "TaskPlugin": "task/none",
        "SelectType": "select/cons_tres",
        "SelectTypeParameters": "CR_Core_Memory",
        "StateSaveLocation": folder / "state",
        "SlurmdSpoolDir": folder / "spool",
        "SlurmctldPidFile": folder / "slurmctld.pid",
        "SlurmdPidFile": folder / "slurmd.pid",
        "JobCompType": "jobcomp/filetxt",
        "JobCompLoc": folder / "jobs.txt",
        "MpiDefault": "none",
        "ReturnToService": "2",
    }
    node = f"NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} RealMemory={WORKERS * MEMORY_MB} State=UNKNOWN"
    partition = f"PartitionName=lumbar Nodes={host} Default=YES MaxTime=INFINITE State=UP"
    (folder / "state").mkdir(exist_ok=True)
    return "\n".join([*(f"{name}={value}" for name, value in settings.items()), node, partition, ""])


@contextmanager
def munge(folder: Path) -> Iterator[None]:
    """SLURM's authentication, in the foreground, with its socket in ``folder``."""
    if not KEY.exists():
        KEY.parent.mkdir(parents=True, exist_ok=True)
        KEY.write_bytes(secrets.token_bytes(128))
    KEY.chmod(0o400)
    shutil.chown(KEY, "root", "root")
    shutil.chown(KEY.parent, "root", "root")
    places = {"socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
    options = [f"--{name}={folder / f'munge.{ending}'}" for name, ending in places.items()]
    with running(["munged", "-F", "--force", *options], folder / "munged.out"):
        wait_until((folder / "munge.socket").exists, "munged")
        yield


def cluster_toml(folder: Path) -> str:
    """Two workers of one core each; see docs/how-to/cohorts.md."""
    return f"""kind = "slurm"
workers = {WORKERS}
cores = 1
memory = "{MEMORY_MB}MiB"
patience_s = 300

[options]
queue = "lumbar"
walltime = "01:00:00"
interface = "lo"
log_directory = "{folder}"
"""


def analyze(out: Path, config: Path) -> list[str]:
    """The command that a user types."""
    program = str(Path(sys.executable).with_name("lumbardisc"))
    return [program, "analyze", str(out / "phantoms"), "-o", str(out / "out"), "--cluster", str(config)]


def cancel_one_at_work(out: Path) -> str:
    """Wait until a study is done and two workers run, then cancel the first of them; its job's number."""
    wait_until(lambda: finished(out) > 0 and len(workers()) == WORKERS, "work to be under way", 300)
    cancelled = workers()[0]
    told(["scancel", cancelled])
    return cancelled


def workers() -> list[str]:
    """Numbers of the jobs that run now."""
    return told(["squeue", "-h", "-t", "running", "-o", "%i"]).split()


def ended(folder: Path) -> list[str]:
    """Every job that ended: its number, how, and when."""
    wait_until(lambda: not workers(), "the workers to end")
    text = (folder / "jobs.txt").read_text(encoding="utf-8")
    return [" ".join(found) for found in re.findall(r"JobId=(\d+).*?JobState=(\w+).*?(?<=EndTime=)\S+?T(\S+)", text)]


def finished(out: Path) -> int:
    """How many studies are whole."""
    return len([path for path in (out / "out").glob("*/result.json") if json.loads(path.read_text(encoding="utf-8"))])


@contextmanager
def running(command: list[str], log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended with the context, by its own number."""
    with ExitStack() as opened:
        said = opened.enter_context(log.open("wb")) if log else None
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT if said else None)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def told(command: list[str]) -> str:
    """What a short command prints; nothing where it fails."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def wait_until(true: object, what: str, seconds: float = 60) -> None:
    """Wait for a condition, a function without arguments. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.2)


if __name__ == "__main__":
    main()
