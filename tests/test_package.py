"""What importing ntklib does, and above all what it does not do."""

import importlib.metadata
import inspect
import subprocess
import sys

import pytest

import ntklib

SCRIPT = """
import sys
import jax
before = dict(jax.config.values)
import ntklib
assert dict(jax.config.values) == before, "the configuration has changed"
foreign = {"matplotlib", "matplotlib_inline", "sklearn", "scipy", "IPython"} & set(sys.modules)
print(sorted(foreign - set(sys.argv[1:])))
"""


def test_import_leaves_jax_alone_and_takes_nothing_with_it():
    # jax itself imports scipy
    run = subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT, "scipy"], capture_output=True, text=True)
    assert (run.stderr, run.stdout) == ("", "[]\n")


def test_version_is_that_of_the_distribution():
    assert ntklib.__version__ == importlib.metadata.version("ntklib")


@pytest.mark.parametrize("name", ntklib.__all__)
def test_public_names_are_documented_with_an_example(name):
    public = getattr(ntklib, name)
    documentation = inspect.getdoc(public)
    if inspect.isclass(public):  # a named tuple of results
        assert all(f"    {field}: " in documentation for field in public._fields)
    else:
        assert "Args:" in documentation
        assert "Raises:" in documentation
        assert ">>> " in documentation
        for argument in inspect.signature(public).parameters:
            assert f"{argument}: " in documentation
