"""Run notebooks from a fresh kernel and store their outputs: python tools/execute.py chapters/*.ipynb."""

import os
import sys
import time
from pathlib import Path

import compiled
import nbformat
from nbclient import NotebookClient

# of every notebook that is kept: nothing that differs between machines or runs
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(path: Path) -> None:
    """Execute one notebook in place; keep nothing in its metadata that differs between machines or runs."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=600,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],  # a kernel on this machine need not encrypt what it says
        coalesce_streams=True,
        resources={"metadata": {"path": path.parent}},
    ).execute(env=os.environ | compiled.environment(path))
    notebook.metadata = METADATA
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        start = time.perf_counter()
        execute(Path(name))
        print(f"{name}: {time.perf_counter() - start:.0f} s")
