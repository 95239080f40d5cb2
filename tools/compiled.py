"""Where JAX keeps what it has compiled for a notebook, so that the same code in another edition need not compile again.

Each notebook has a place of its own, since JAX writes there without regard to other processes. Also a plugin of pytest,
for the kernels that nbval starts: pytest -p compiled
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from editions import ROOT

if TYPE_CHECKING:
    import pytest  # which Colab's image need not have


def environment(notebook: Path) -> dict[str, str]:
    """The variables by which JAX keeps everything that it compiles for a notebook."""
    return {
        "JAX_COMPILATION_CACHE_DIR": str(ROOT / "_build" / "compiled" / notebook.stem),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before the first cell of a notebook starts its kernel, which pytest's own hook does after this one."""
    os.environ |= environment(item.path)
