"""The records of ``run.py`` as JSON, as tables in Markdown and as a figure; run by itself, it makes the last two."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

from ntklib.plotting import use_style

OURS = "ntklib"


def write_report(results: dict[str, Any], folder: Path) -> None:
    """Write ``results.json``, ``table.md`` and ``figure.svg``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (folder / "table.md").write_text(tables(results))
    figure(results, folder / "figure.svg")


def tables(results: dict[str, Any]) -> str:
    """Beside the best of all peers, and beside each contestant."""
    workloads = list(results["workloads"].values())
    names = list(dict.fromkeys(name for w in workloads for name in w["contestants"]))
    best = [["workload", OURS, "best peer", "which", "ratio", "floor", "memory", "least peer", "first", "soonest peer"]]
    times = [["workload", *map(_short, names)]]
    for workload in workloads:
        records = workload["contestants"]
        times.append([workload["title"], *(_seconds(records[name]) for name in names)])
        ours = records.get(OURS, {})
        peers = {n: r for n, r in records.items() if not n.startswith(OURS) and "seconds" in r}
        if "seconds" not in ours or not peers:
            continue
        fastest = min(peers, key=lambda name: peers[name]["seconds"])
        floor = workload["floor_seconds"]
        best.append(
            [
                workload["title"],
                _seconds(ours),
                _seconds(peers[fastest]),
                _short(fastest),
                f"{peers[fastest]['seconds'] / ours['seconds']:.2f}",
                f"{ours['seconds'] / floor:.2f}" if floor else "",
                f"{ours['peak_bytes'] / 2**20:,.0f}",
                f"{min(r['peak_bytes'] for r in peers.values()) / 2**20:,.0f}",
                f"{ours['first_seconds']:.2f}",
                f"{min(r['first_seconds'] for r in peers.values()):.2f}",
            ]
        )
    error = max(w["contestants"][OURS].get("error", 0.0) for w in workloads if OURS in w["contestants"])
    runs_on = {_short(n): r["runs_on"] for w in workloads for n, r in w["contestants"].items() if "runs_on" in r}
    return "\n".join(
        [
            f"Measured on {results['date']}: {results['machine']}; float32; a matrix product runs at "
            f"{results['product_rate'] / 1e9:.0f} GFLOPS. Times are medians in milliseconds, first results in seconds "
            "after the import, peak memory in MiB above the import's. The ratio is the time of the fastest peer over "
            "ours; the floor column is our time over that of the unavoidable products. Against float64 our "
            f"largest error, relative to the largest entry, is {error:.0e}. nt is neural-tangents.",
            "",
            *_table(best),
            "",
            "Milliseconds of each, "
            + "; ".join(f"{name} on {version}" for name, version in runs_on.items())
            + f". No contestant had more than {results['memory_limit'] / 2**30:.0f} GiB.",
            "",
            *_table(times),
            "",
        ]
    )


def _seconds(record: dict[str, Any]) -> str:
    if "seconds" not in record:
        reason = str(record["failed"])
        out_of_memory = "RESOURCE_EXHAUSTED" in reason or "allocate memory" in reason
        return "out of memory" if out_of_memory else reason.split(":")[0]
    milliseconds = 1e3 * record["seconds"]
    return f"{milliseconds:.3g}" if milliseconds < 1000 else f"{milliseconds:,.0f}"


def _short(name: str) -> str:
    return name.replace("neural-tangents", "nt")


def _table(rows: list[list[str]]) -> list[str]:
    rows = [rows[0], ["---"] + ["---:"] * (len(rows[0]) - 1), *rows[1:]]
    return ["| " + " | ".join(row) + " |" for row in rows]


def figure(results: dict[str, Any], path: Path, say: Callable[[str], str] = str) -> None:
    """How many times longer than ntklib each contestant takes, one line a workload; its words in another language."""
    use_style()
    mpl.rcParams["svg.hashsalt"] = "ntklib"
    workloads = list(results["workloads"].values())
    names = list(dict.fromkeys(name for w in workloads for name in w["contestants"]))
    fig, ax = plt.subplots(figsize=(7, 1.5 + 0.3 * len(workloads)))
    ax.axvline(1, color="0.5", linewidth=1)
    for name, marker in zip([name for name in names if name != OURS], "osD^vPX<>*", strict=False):
        ratios = [
            (w["contestants"][name]["seconds"] / w["contestants"][OURS]["seconds"], row)
            for row, w in enumerate(workloads)
            if "seconds" in w["contestants"].get(name, {}) and "seconds" in w["contestants"].get(OURS, {})
        ]
        if ratios:
            ax.plot(*zip(*ratios, strict=True), marker, label=say(name))
    ax.set(xscale="log", xlabel=say("time over the time of ntklib"), yticks=range(len(workloads)))
    ax.set_yticklabels([say(w["title"]) for w in workloads])
    ax.invert_yaxis()
    if ax.get_legend_handles_labels()[0]:
        fig.legend(loc="outside upper center", ncols=2)
    fig.savefig(path, metadata={"Date": None})
    plt.close(fig)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    write_report(json.loads((folder / "results.json").read_text()), folder)
