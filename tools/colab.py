"""Run notebooks as "Run all" in Colab does: python tools/colab.py [--emulate PYTHON] notebook.ipynb ...

Each notebook is alone in an empty directory and in a fresh layer over Colab's environment, where its own setup cell has
to install ntklib. A chapter must say what its stored outputs say; a homework, not answered yet, must run to its end.
"""

import argparse
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import compiled
import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError

ROOT = Path(__file__).resolve().parents[1]
STAND_IN = ROOT / "tests" / "colab"  # has a package google.colab
SOURCE = re.compile(r"git\+(?P<address>https://[^@\s\"']+)@(?P<commit>[0-9a-f]{40})")
NOWHERE = "http://127.0.0.1:9/"  # nothing listens there

# An environment that has all packages of another one and takes new ones into itself
LAYER = """
import sys, sysconfig, venv
directory, *paths = sys.argv[1:]
venv.create(directory, symlinks=True)
with open(sysconfig.get_path("purelib", "venv", {"base": directory}) + "/colab.pth", "w") as file:
    for path in paths + [path for path in sys.path if path.endswith("-packages")]:
        print(path, file=file)  # as pip expects it: such paths are not for its isolated builds
"""
INSTALLED = """
import importlib.metadata, json
found = list(importlib.metadata.distributions())
origins = [json.loads(d.read_text("direct_url.json") or "{}") for d in found if d.name == "ntklib"]
commits = [origin.get("vcs_info", {}).get("commit_id", "no commit") for origin in origins]
print(json.dumps([sorted(f"{d.name} {d.version}" for d in found if d.name != "ntklib"), commits]))
"""
ABOUT = """
import platform, matplotlib.pyplot, importlib.metadata  # pyplot lists the fonts of the system where it is new there
print(platform.python_version(), importlib.metadata.version("jax"))
"""


def instead_of(address: str, place: str) -> dict[str, str]:
    """The variables of this process, and those by which git takes one place in place of an address."""
    n = int(os.environ.get("GIT_CONFIG_COUNT", 0))
    git = {"COUNT": str(n + 1), f"KEY_{n}": f"url.{place}.insteadOf", f"VALUE_{n}": address}
    return os.environ | {f"GIT_CONFIG_{key}": value for key, value in git.items()}


class Session:
    """A fresh layer over an environment, and an empty directory: what Colab starts a notebook in."""

    def __init__(self, place: Path, python: str, *paths: Path) -> None:
        """Begin one in an empty place, over the environment of a Python, with more paths to import from."""
        subprocess.run([python, "-c", LAYER, place / "layer", *paths], check=True)
        self.python = str(place / "layer" / "bin" / "python")
        self.content = place / "content"
        self.content.mkdir()

    def installed(self) -> tuple[list[str], list[str]]:
        """Name and version of every package but ntklib, and the commit that ntklib is installed at, if it is."""
        command = [self.python, "-c", INSTALLED]
        return tuple(json.loads(subprocess.run(command, cwd=self.content, check=True, stdout=subprocess.PIPE).stdout))

    def run(self, notebook: nbformat.NotebookNode, env: dict[str, str]) -> str:
        """Run the cells up to the first that fails, in place; return how it fails, or nothing."""
        argv = [self.python, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = KernelSpec(argv=argv, display_name="Colab", language="python")
        client = NotebookClient(
            notebook,
            kernel_manager_class=type("Manager", (AsyncKernelManager,), {"kernel_spec": spec}),
            resources={"metadata": {"path": self.content}},
            timeout=300,
        )
        try:
            client.execute(env=env)
        except (CellControlSignal, DeadKernelError) as error:
            return re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
        return ""


def setup(notebook: nbformat.NotebookNode) -> tuple[int, re.Match[str]]:
    """Which cell is the first with code, and where it gets ntklib from."""
    first = next((i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"), None)
    source = first is not None and SOURCE.search(notebook.cells[first].source)
    if not source:
        raise ValueError("the first code cell does not install ntklib from git at one commit")
    return first, source


def texts(cell: nbformat.NotebookNode) -> list[str]:
    """What a cell says: each line with the kind of output that it is of; pictures say nothing."""
    streams: dict[str, str] = {}
    shown = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            streams[output.name] = streams.get(output.name, "") + output.text
        elif output.output_type == "error":
            shown.append(("error", f"{output.ename}: {output.evalue}"))
        else:
            shown += sorted((kind, text) for kind, text in output.data.items() if kind.startswith("text/"))
    return [f"{kind}: {line}" for kind, text in [*sorted(streams.items()), *shown] for line in text.split("\n")]


def differences(stored: nbformat.NotebookNode, here: nbformat.NotebookNode, *, homework: bool) -> Iterator[str]:
    """What a run of a notebook should not have said."""
    for number, (before, after) in enumerate(zip(stored.cells, here.cells, strict=True), 1):
        said = texts(after)
        compared = not homework and "nbval-ignore-output" not in before.metadata.get("tags", [])
        if compared and said != texts(before):
            diff = difflib.unified_diff(texts(before), said, "stored", "here", n=0, lineterm="")
            yield "\n".join([f"cell {number} says something else:", *diff])
        elif wrong := [line for line in said if line.startswith(("stderr:", "error:"))]:
            yield "\n".join([f"cell {number}:", *wrong])


def problems(path: Path, python: str, *, emulate: bool) -> Iterator[str]:
    """Run one notebook from nothing; what is wrong."""
    stored, here = nbformat.read(path, as_version=4), nbformat.read(path, as_version=4)
    _, source = setup(here)
    with tempfile.TemporaryDirectory() as place:
        session = Session(Path(place), python, *([STAND_IN] if emulate else []))
        before, commits = session.installed()
        if commits:
            raise ValueError(f"ntklib ({', '.join(commits)}) is there before the notebook installs it")
        env = instead_of(source["address"], ROOT.as_uri()) | compiled.environment(path) if emulate else dict(os.environ)
        failure = session.run(here, env)
        after, commits = session.installed()
    if failure:
        yield failure
    else:
        yield from differences(stored, here, homework="homework" in path.parts)
    if commits != [source["commit"]]:
        yield f"ntklib should be installed at {source['commit']}; got {commits}"
    if after != before:
        diff = difflib.unified_diff(before, after, "before", "after", n=0, lineterm="")
        yield "\n".join(["the installed versions have changed:", *diff])


def problems_without_network(path: Path, python: str) -> Iterator[str]:
    """Run the setup cell of a notebook where its address cannot be reached; what is wrong with its message."""
    notebook = nbformat.read(path, as_version=4)
    first, source = setup(notebook)
    del notebook.cells[first + 1 :]
    with tempfile.TemporaryDirectory() as place:
        Session(Path(place), python).run(notebook, instead_of(source["address"], NOWHERE))
    message = "\n".join(output.get("evalue", "") for output in notebook.cells[first].outputs)
    print(f"Without a network the setup cell says:\n{textwrap.indent(message, '    ')}", flush=True)
    for words in ("connection", "pip install", source[0]):
        if words not in message:
            yield f"{path.name} without a network: the message does not say {words!r}"


def main() -> int:
    """Run the notebooks that the command line names; return how many fail."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="notebook.ipynb")
    parser.add_argument(
        "--emulate",
        metavar="PYTHON",
        help="take the environment of PYTHON for Colab's, a stand-in for google.colab, and this repository for the "
        "published one; without it, this must itself run in Colab's environment",
    )
    args = parser.parse_args()
    python, emulate = args.emulate or sys.executable, bool(args.emulate)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # two notebooks at a time
    os.environ["PIP_NO_CACHE_DIR"] = "1"  # Colab's machines are new: no ntklib that pip has built before
    if emulate:
        os.environ.pop("PYTHONPATH", None)

    shallow = ["git", "rev-parse", "--is-shallow-repository"]
    if emulate and subprocess.run(shallow, cwd=ROOT, capture_output=True, text=True).stdout.strip() != "false":
        sys.exit("pip cannot clone a repository without its history, it would try for ever: git fetch --unshallow")
    version, jax = subprocess.run([python, "-c", ABOUT], check=True, text=True, stdout=subprocess.PIPE).stdout.split()
    environment = f"{'an emulated' if emulate else 'this'} Colab: Python {version}, jax {jax}"
    if emulate and not version.startswith("3.13."):
        environment += "; COLAB HAS PYTHON 3.13, which was not found here"
    if emulate and subprocess.run(["git", "diff", "--quiet", "HEAD", "--", "ntklib"], cwd=ROOT).returncode:
        print("Notebooks install the last commit of ntklib, and ntklib/ has changed since.")
    print(f"Running in {environment}", flush=True)

    def attempt(path: Path) -> tuple[list[str], float]:
        start = time.perf_counter()
        try:
            found = list(problems(path, python, emulate=emulate))
        except ValueError as error:
            found = [str(error)]
        return found, time.perf_counter() - start

    failed = 0
    with ThreadPoolExecutor(2) as pool:
        for path, (found, seconds) in zip(args.notebooks, pool.map(attempt, args.notebooks), strict=True):
            failed += bool(found)
            print(f"{path.name}: {'FAILS' if found else 'runs'}, {seconds:.0f} s", flush=True)
            print(textwrap.indent("\n".join(found), "    "), end="\n" if found else "")
    offline = list(problems_without_network(args.notebooks[0], python))
    print("\n".join(offline), end="\n" if offline else "")
    print(f"{len(args.notebooks) - failed} of {len(args.notebooks)} notebooks run in {environment}")
    return failed + len(offline)


if __name__ == "__main__":
    sys.exit(main() > 0)
