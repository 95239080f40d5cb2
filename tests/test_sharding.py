"""The kernel over eight simulated devices, in one process and in two."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("processes", [1, 2])
def test_rows_over_eight_devices(processes):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = f"--xla_force_host_platform_device_count={8 // processes}"
    runs = [
        subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("sharded.py")), str(process), str(processes), str(port)],
            env={**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for process in range(processes)
    ]
    for run in runs:
        output, errors = run.communicate(timeout=300)
        assert run.returncode == 0, errors
        assert output.endswith("rows of every kernel agree\n")
