"""Sphinx extension: the reference of ntklib shows every public name, and each docstring leads to its equation."""

import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError

from ntklib import ledger

EQUATION = re.compile(r"``(eq-[\w-]+)``")


class ReferenceError(SphinxError):
    """The reference and the package do not fit."""

    category = "Reference"


@cache
def chapters(srcdir: str) -> dict[str, str]:
    """The document in which each labelled equation stands."""
    notebooks = sorted(Path(srcdir, "chapters").glob("*.ipynb"))
    return {equation.label: f"/chapters/{equation.chapter}" for equation in ledger.equations(notebooks)}


def link_equations(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Turn the labels in a docstring into links, the first to a chapter with its title."""
    named = set()

    def link(match: re.Match[str]) -> str:
        label = match[1]
        chapter = chapters(str(app.srcdir)).get(label)
        if chapter is None:
            raise ReferenceError(f"{name}: the docstring names {label}, which labels no equation")
        title = "" if chapter in named else f" of :doc:`{chapter}`"
        named.add(chapter)
        return f":eq:`{label}`{title}"

    lines[:] = [EQUATION.sub(link, line) for line in lines]


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """The package and its public modules."""
    yield package
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if not module.name.rpartition(".")[2].startswith("_"):
            yield import_module(module.name)


def is_documented(obj: object) -> bool:
    """Whether somebody wrote a docstring; Python gives a dataclass and a named tuple their signature for one."""
    text = inspect.cleandoc(getattr(obj, "__doc__", None) or "")
    return bool(text) and not text.startswith(f"{getattr(obj, '__name__', '')}(")


def problems(package: ModuleType, shown: Iterable[str]) -> list[str]:
    """What is wrong, one sentence each: a public name without a docstring, or not among the names that are shown."""
    there = {id(pkgutil.resolve_name(name)) for name in shown}
    sentences = []
    for module in modules(package):
        if not hasattr(module, "__all__"):
            sentences.append(f"{module.__name__} has no __all__, which says what is public")
        for name in getattr(module, "__all__", ()):
            public = {f"{module.__name__}.{name}": getattr(module, name)}
            if inspect.isclass(getattr(module, name)):
                methods = vars(getattr(module, name)).items()
                public |= {
                    f"{module.__name__}.{name}.{method}": value
                    for method, value in methods
                    if not method.startswith("_") and (inspect.isroutine(value) or isinstance(value, property))
                }
            for path, obj in public.items():
                if not is_documented(obj):
                    sentences.append(f"{path} has no docstring")
                if id(obj) not in there:
                    sentences.append(f"{path} is not in the reference")
    return sentences


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Fail the build where the reference is not complete."""
    package = import_module("ntklib")
    if found := problems(package, env.get_domain("py").objects):
        raise ReferenceError("; ".join(found))


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.connect("autodoc-process-docstring", link_equations)
    app.connect("env-updated", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
