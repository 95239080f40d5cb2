"""ntklib beside its peers: time, memory, time to the first result and agreement, recorded as JSON, table and figure.

Every contestant works in a process of its own (``worker.py``), on the same arrays. The processes of a workload first
start one after the other, each alone; then they compute in turns, so that whatever else the machine does hits all of
them. Times are medians. ``make bench`` makes the environments of the peers and runs this.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import platform
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from report import write_report
from workloads import WORKLOADS, Workload, arrays, floor

HERE = Path(__file__).resolve().parent
GEMM = 4096  # the size of the matrix product whose rate the floor is measured with
TURN = 0.5  # seconds: a faster contestant computes several times in its turn, as a user in a loop would


class Contestant(NamedTuple):
    """Who computes, in which environment; kind and option are those of ``worker.py``."""

    name: str
    python: Path
    kind: str
    option: str


class Limits(NamedTuple):
    """What one contestant may take."""

    threads: int
    memory: int  # bytes
    seconds: float  # of one answer


class OutOfLimits(Exception):
    """A contestant failed, or was stopped at a limit."""


class Worker:
    """A contestant at work."""

    def __init__(self, contestant: Contestant, workload: Workload, folder: Path, limits: Limits) -> None:
        """Start its process."""
        self.sample = folder / f"{contestant.name}.sample"
        self.limits = limits
        arguments = [contestant.kind, contestant.option, workload.name, folder, limits.threads, self.sample]
        self.process = subprocess.Popen(
            [contestant.python, HERE / "worker.py", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )

    def ask(self, request: str) -> dict[str, Any]:
        """Its answer; an empty request waits for what it says by itself."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if request:
            self.process.stdin.write(request + "\n")
        deadline = time.monotonic() + self.limits.seconds
        while not select.select([self.process.stdout], [], [], 0.02)[0]:
            if _resident(self.process.pid) > self.limits.memory:
                self._stop(f"more than {self.limits.memory / 2**30:.0f} GiB")
            if time.monotonic() > deadline:
                self._stop(f"more than {self.limits.seconds:.0f} s")
        line = self.process.stdout.readline()
        if not line:
            self._stop("died")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            self._stop(answer["error"])
        return answer

    def _stop(self, reason: str) -> None:
        self.process.kill()
        self.process.wait()
        raise OutOfLimits(reason)

    def finish(self) -> tuple[int, np.ndarray]:
        """Its peak memory, in bytes above what its import took, and the kernel of the sample."""
        peak = self.ask("finish")["peak_bytes"]
        self.process.wait()
        with self.sample.open("rb") as file:
            return peak, np.load(file)


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0
    return 1024 * int(status.split("VmRSS:")[1].split()[0]) if "VmRSS:" in status else 0


def measure(workload: Workload, contestants: list[Contestant], limits: Limits, budget: float) -> dict[str, Any]:
    """One record a contestant."""
    records: dict[str, Any] = {contestant.name: {} for contestant in contestants}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for leaf, value in arrays(workload).items():
            np.save(folder / f"{leaf}.npy", value)
        exact = _exact(workload, folder, limits)
        workers: dict[str, Worker] = {}
        for contestant in contestants:
            record = records[contestant.name]
            try:
                worker = Worker(contestant, workload, folder, limits)
                record |= worker.ask("")
                (record["first_seconds"],) = worker.ask("run 1")["seconds"]
                record["seconds"] = worker.ask("run 1")["seconds"]
                workers[contestant.name] = worker
            except OutOfLimits as reason:
                record["failed"] = str(reason)
        one_round = sum(max(TURN, records[name]["seconds"][0]) for name in workers)
        rounds = min(15, max(3, round(budget / max(one_round, TURN))))
        for turn in range(rounds):
            for name in list(workers):
                seconds = records[name]["seconds"]
                if turn >= (1 if seconds[0] > budget else 3 if seconds[0] > budget / 10 else rounds):
                    continue  # the slowest do not wait for a better median
                try:
                    seconds += workers[name].ask(f"run {math.ceil(TURN / seconds[0])}")["seconds"]
                except OutOfLimits as reason:
                    records[name] = {"failed": str(reason)}
                    del workers[name]
        for name, worker in workers.items():
            record = records[name]
            record["runs"] = len(record["seconds"]) - 1
            record["seconds"] = statistics.median(record["seconds"][1:])
            record["peak_bytes"], sample = worker.finish()
            record["error"] = float(np.abs(sample - exact).max() / np.abs(exact).max())
    return records


def _exact(workload: Workload, folder: Path, limits: Limits) -> np.ndarray:
    """The kernel of the sample by its definition, in float64."""
    contestant = Contestant("exact", Path(sys.executable), "naive", "float64")
    worker = Worker(contestant, workload, folder, limits._replace(seconds=math.inf))
    worker.ask("")
    worker.ask("run 1")
    return worker.finish()[1]


def product_rate(limits: Limits) -> float:
    """Multiplications and additions a second in a large float32 matrix product: the machine's own speed."""
    with tempfile.TemporaryDirectory() as name:
        contestant = Contestant("product", Path(sys.executable), "product", str(GEMM))
        worker = Worker(contestant, WORKLOADS[0], Path(name), limits)
        worker.ask("")
        seconds = worker.ask("run 6")["seconds"]
        worker.process.kill()
    return 2 * GEMM**3 / min(seconds[1:])


def contestants_of(options: argparse.Namespace) -> list[Contestant]:
    """ntklib first, then its peers."""
    here = Path(sys.executable)
    result = [
        Contestant("ntklib" if method == "auto" else f"ntklib, {method}", here, "ntklib", method)
        for method in options.methods
    ]
    if "neural-tangents" not in options.without:
        python = _environment(options.neural_tangents, "neural-tangents")
        result.append(Contestant("ntklib, jax 0.4.23", python, "ntklib", "auto"))
        names = {1: "Jacobian contraction", 2: "NTK-vector products", 3: "structured derivatives"}
        result += [Contestant(f"neural-tangents, {v}", python, "neural_tangents", str(n)) for n, v in names.items()]
    if "torch" not in options.without:
        result.append(Contestant("torch.func", _environment(options.torch, "torch"), "torch", ""))
    if "naive" not in options.without:
        result.append(Contestant("naive", here, "naive", "float32"))
    return result


def _environment(python: Path, peer: str) -> Path:
    if not python.exists():
        sys.exit(f"{python} is not there: make bench makes it; or give --{peer} PYTHON, or --without {peer}")
    return python


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [workload.name for workload in WORKLOADS]
    parser.add_argument("--workloads", default=names, type=lambda v: v.split(","), help="of: " + ", ".join(names))
    parser.add_argument("--methods", default=["auto"], type=lambda v: v.split(","), help="of empirical_kernel")
    parser.add_argument("--without", default=[], type=lambda v: v.split(","), help="neural-tangents, torch, naive")
    for peer in ("neural-tangents", "torch"):
        parser.add_argument(f"--{peer}", type=Path, default=HERE / f".venv-{peer}/bin/python", metavar="PYTHON")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="cores of each contestant")
    parser.add_argument("--memory", type=float, default=_memory() * 0.8, help="GiB of each contestant")
    parser.add_argument("--seconds", type=float, default=300, help="limit of one computation")
    parser.add_argument("--budget", type=float, default=30, help="about how many seconds a workload's turns take")
    parser.add_argument("--out", type=Path, default=HERE / "results", help="folder of the records")
    options = parser.parse_args()
    for given, known in ((options.workloads, names), (options.without, ["neural-tangents", "torch", "naive"])):
        if unknown := set(given) - set(known):
            parser.error(f"unknown: {', '.join(sorted(unknown))}; expected some of {', '.join(known)}")
    return options


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> None:
    """Measure, and write what was measured."""
    options = _options()
    limits = Limits(options.threads, int(options.memory * 2**30), options.seconds)
    contestants = contestants_of(options)
    rate = product_rate(limits)
    results: dict[str, Any] = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{_processor()}, {options.threads} cores, {_memory():.0f} GiB, Python {platform.python_version()}",
        "memory_limit": limits.memory,
        "product_rate": rate,
        "workloads": {},
    }
    for workload in WORKLOADS:
        if workload.name not in options.workloads:
            continue
        records = measure(workload, contestants, limits, options.budget)
        results["workloads"][workload.name] = {
            "title": workload.title,
            "aim": workload.aim,
            "floor_seconds": (count := floor(workload)) and count / rate,
            "contestants": records,
        }
        write_report(results, options.out)  # what has been measured stays, should a later one be interrupted
        for name, record in records.items():
            what = record.get("failed") or "{seconds:.4g} s, first {first_seconds:.3g} s, {peak_bytes:,} bytes".format(
                **record
            )
            print(f"{workload.name:22} {name:40} {what}", flush=True)


if __name__ == "__main__":
    main()
