"""Run a notebook that nobody trusts, and use its functions from outside.

The notebook runs in a Jupyter kernel inside bubblewrap: no network, no processes but its own, and no files but
Python's, ntklib's and an empty scratch folder in memory. The tests stay outside: they call the notebook's functions
through the kernel's own messages, so what they expect is never where the notebook could read it.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cloudpickle
import nbformat
import numpy as np
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

import ntklib

INSIDE = Path(__file__).with_name("inside.py")
SYSTEM = ["/usr", "/bin", "/lib", "/lib64", "/etc/alternatives", "/etc/ld.so.cache", "/etc/fonts"]


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        seconds: For the whole notebook.
        cell_seconds: For each cell, and for each call by a test.
        memory: Bytes that a process may allocate.
        disk: Bytes in each of the scratch folders /tmp and /dev/shm, which are in memory.
    """

    seconds: float = 600.0
    cell_seconds: float = 120.0
    memory: int = 4 << 30
    disk: int = 256 << 20


class Raised(Exception):
    """An error that the submission raised while a test called it."""


class Stopped(Exception):
    """The submission's process is gone, or it does not answer in time."""


def command(limits: Limits, sockets: str) -> list[str]:
    """The command line of an isolated kernel; nothing of this process's environment goes in."""
    python = [sys.prefix, sys.base_prefix, str(Path(ntklib.__file__).parent)]
    readable = dict.fromkeys(path for path in SYSTEM + python if os.path.exists(path))
    return [
        *("prlimit", f"--data={limits.memory}", f"--fsize={limits.disk}", "--core=0", "bwrap"),
        # also root has no powers inside, and no way to get them back
        *(
            "--unshare-all",
            "--unshare-user",
            "--disable-userns",
            "--cap-drop",
            "ALL",
            "--die-with-parent",
            "--clearenv",
        ),
        *("--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/tmp", "--setenv", "JAX_PLATFORMS", "cpu"),
        *("--setenv", "LANG", "C.UTF-8", "--setenv", "OPENBLAS_NUM_THREADS", "1"),
        # the scratch folder comes first, since Python may stand below it
        *("--proc", "/proc", "--dev", "/dev", "--size", str(limits.disk), "--tmpfs", "/tmp"),
        *("--size", str(limits.disk), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),
        *(word for path in readable for word in ("--ro-bind", path, path)),
        *("--bind", sockets, sockets, "--remount-ro", "/", "--chdir", "/tmp"),
        *(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"),
    ]


def available() -> str | None:
    """Why nothing can be isolated here; None where it can."""
    for tool in ("bwrap", "prlimit"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed (on Debian and Ubuntu: apt-get install bubblewrap util-linux)"
    words = command(Limits(), "/tmp")
    tried = subprocess.run([*words[: words.index(sys.executable)], "/bin/true"], capture_output=True, text=True)
    return None if tried.returncode == 0 else f"bubblewrap does not work here: {tried.stderr.strip()}"


class _Client(NotebookClient):
    """A client that keeps no more of what a kernel sends than a limit: the rest of it would fill our own memory."""

    limit = 64 << 20
    received = 0

    def process_message(self, msg: dict[str, Any], cell: nbformat.NotebookNode, cell_index: int) -> Any:
        content = msg["content"]
        self.received += len(content.get("text", "")) + sum(len(str(data)) for data in content.get("data", {}).values())
        return super().process_message(msg, cell, cell_index) if self.received <= self.limit else None


class Sandbox:
    """An isolated kernel, for one submission: ``with Sandbox(limits) as sandbox: sandbox.run(notebook)``."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._stack = ExitStack()

    def __enter__(self) -> Sandbox:
        # short, since the path of a socket is; readable by this user alone
        sockets = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-", dir="/tmp"))
        manager = AsyncKernelManager(transport="ipc", ip=f"{sockets}/kernel", connection_file=f"{sockets}/kernel.json")
        # interrupted by a message, since a signal would end bubblewrap
        spec = KernelSpec(argv=command(self.limits, sockets), language="python", interrupt_mode="message")
        manager._kernel_spec = spec
        self._client = _Client(
            nbformat.v4.new_notebook(),
            km=manager,
            allow_errors=True,
            interrupt_on_timeout=True,
            record_timing=False,
            shutdown_kernel="immediate",
        )
        self._deadline = time.monotonic() + self.limits.seconds
        self._client.log.setLevel(logging.CRITICAL)  # what goes wrong is returned
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": {"PATH": os.environ["PATH"]}}
        self._stack.enter_context(self._client.setup_kernel(cleanup_kc=True, **quiet))
        # a process that ignores interrupts is killed, and bubblewrap takes all that it started with it
        timer = threading.Timer(self.limits.seconds, manager.provisioner.process.kill)
        timer.start()
        self._stack.callback(timer.cancel)
        code = INSIDE.read_text(encoding="utf-8")
        module = "import sys, types; sys.modules['inside'] = types.ModuleType('inside')"
        self._execute(nbformat.v4.new_code_cell(f"{module}; exec({code!r}, sys.modules['inside'].__dict__)"))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def run(self, notebook: nbformat.NotebookNode) -> list[str]:
        """Execute the notebook's cells in place, going on after an error; what went wrong, a sentence each."""
        problems = []
        for number, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
            try:
                self._execute(cell)
            except Stopped as stop:
                return [*problems, f"code cell {number}: {stop}"]
            if self._client.received > self._client.limit:
                problems.append(f"code cell {number}: it printed more than {self._client.limit >> 20} MiB")
            for output in cell.outputs:
                if output.output_type == "error" and output.ename == "KeyboardInterrupt":
                    problems.append(f"code cell {number}: stopped after {self.limits.cell_seconds:.0f} s")
                elif output.output_type == "error":
                    problems.append(f"code cell {number}: {output.ename}: {output.evalue}"[:300])
        return problems

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name, as otter's tests ask for it; one that is not defined is an error that says so."""
        answer = self.ask("name", name)
        if not answer["defined"]:
            raise AssertionError(f"{name} is not defined")
        return self.decode(answer["value"])

    def ask(self, *request: Any) -> dict[str, Any]:
        """Have inside.py answer one request."""
        stream = io.BytesIO()
        _Requests(stream).dump(request)
        data = base64.b64encode(stream.getvalue()).decode()
        cell = nbformat.v4.new_code_cell(f"print(__import__('inside').answer({data!r}, globals()), end='')")
        self._execute(cell)
        text = "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
        try:
            answer: dict[str, Any] = json.loads(text)
            if answer.keys() not in ({"raised", "line"}, {"value"}, {"value", "defined"}):
                raise ValueError
        except (ValueError, AttributeError, RecursionError):
            raise Stopped("the submission did not answer a test in time, or spoilt the answer") from None
        if str(answer.get("raised", "")).startswith("KeyboardInterrupt"):
            raise Raised(f"your code took more than {self.limits.cell_seconds:.0f} s")
        if "raised" in answer:
            at = f", at: {answer['line']}" if answer["line"] else ""
            raise Raised(f"your code raised {answer['raised']}{at}")
        return answer

    def decode(self, value: Any) -> Any:
        """The value that inside.py has encoded; only numbers, texts, arrays and numbered objects come of it."""
        if not isinstance(value, dict):
            return value
        if value["kind"] == "ellipsis":
            return Ellipsis
        if value["kind"] in ("list", "tuple"):
            items = [self.decode(item) for item in value["items"]]
            return items if value["kind"] == "list" else tuple(items)
        if value["kind"] == "dict":
            return {self.decode(key): self.decode(item) for key, item in value["items"]}
        if value["kind"] == "array":
            dtype = np.dtype(value["dtype"])
            if dtype.kind not in "biufc":
                raise Stopped("the submission spoilt an answer")
            return np.frombuffer(base64.b64decode(value["data"]), dtype).reshape(value["shape"]).copy()
        return Remote(self, int(value["number"]), str(value["type"]))

    def _execute(self, cell: nbformat.NotebookNode) -> None:
        left = self._deadline - time.monotonic()
        if left > 0:
            self._client.timeout = min(self.limits.cell_seconds, left)
            self._client.nb.cells = [cell]
            self._client.received = 0
            try:
                self._client.execute_cell(cell, 0)
            except (DeadKernelError, CellTimeoutError):
                if time.monotonic() < self._deadline:
                    raise Stopped("the process has ended") from None
            else:
                return
        raise Stopped(f"stopped: the notebook took more than {self.limits.seconds:.0f} s")


class Remote:
    """An object that stays in the sandbox: call it, or take its attributes."""

    def __init__(self, sandbox: Sandbox, number: int, type_name: str) -> None:
        self._sandbox, self._number, self._type_name = sandbox, number, type_name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the object answers when it is called with these arguments, inside."""
        return self._sandbox.decode(self._sandbox.ask("call", self, args, kwargs)["value"])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._sandbox.decode(self._sandbox.ask("attribute", self, name)["value"])

    def __repr__(self) -> str:
        return f"<{self._type_name} of the submission>"


class _Requests(cloudpickle.Pickler):
    """Pickles what a test sends, functions with their closures; an object of the sandbox goes back as its number."""

    def persistent_id(self, value: Any) -> int | None:
        return value._number if type(value) is Remote else None
