"""Write the sources of a translated edition into _build/LANGUAGE, from which its site is built: python tools/edition.py

Texts, titles and the strings of code come from the catalogs (see catalogs.py), everything else from the English one.
A notebook whose code is translated shows other words in its figures and printed lines: it is run, once for each state
of its code and of ntklib.
"""

import hashlib
import json
import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import catalogs
import execute
import messages
import nbformat
import yaml
from catalogs import BENCHMARKS, BOOK, LANGUAGES, Translator
from editions import ROOT, sources
from nbformat import NotebookNode

sys.path.append(str(ROOT / "benchmarks"))
import report

LISTS = ("ledger", "map", "results")  # whose code reads the other pages
WORDS = ("exercise", "proof", "site", "sphinx")  # the catalogs of the tools and of Sphinx's extensions
AT_ONCE = 2  # notebooks


def warn(language: str, text: str, missing: set[str]) -> str:
    """Say below the title of a page that its translation is not complete."""
    if not missing:
        return text
    _ = Translator(language, "site")
    title = _("Behind the English edition")
    behind = _("Passages that have changed there, or are new, stand here in English: {count} in all.")
    lines = text.split("\n")
    after = next((i + 1 for i, line in enumerate(lines) if line.startswith("# ")), 0)
    lines[after:after] = [
        "",
        f":::{{admonition}} {title}",
        ":class: warning",
        behind.format(count=len(missing)),
        ":::",
        "",
    ]
    return "\n".join(lines)


def digest(notebook: NotebookNode) -> str:
    """What the outputs of a notebook follow from: its code, and the package."""
    package = sorted(path for path in (ROOT / "ntklib").rglob("*") if path.suffix in (".py", ".mo", ".mplstyle"))
    parts = [cell.source.encode() for cell in notebook.cells if cell.cell_type == "code"]
    parts += [path.read_bytes() for path in package]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def run(path: Path, cache: Path | None) -> None:
    """Run a notebook in place, or take the outputs of an earlier run."""
    notebook = nbformat.read(path, as_version=4)
    kept = cache / f"{path.stem}-{digest(notebook)}.ipynb" if cache else None
    if kept is None or not kept.exists():
        start = time.perf_counter()
        execute.execute(path)
        print(f"{path}: {time.perf_counter() - start:.0f} s", flush=True)
        if kept:
            for old in cache.glob(f"{path.stem}-*.ipynb"):
                old.unlink()
            shutil.copy(path, kept)
        return
    done = {cell.id: cell for cell in nbformat.read(kept, as_version=4).cells if cell.cell_type == "code"}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = done[cell.id].outputs, done[cell.id].execution_count
    nbformat.write(notebook, path)


def write_page(language: str, page: str, root: Path) -> None:
    """Write a page."""
    translate = Translator(language, page)
    source = catalogs.source(page)
    path = root / source.relative_to(ROOT)
    path.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix == ".md":
        text = messages.markdown(source.read_text(encoding="utf-8"), translate)
        path.write_text(warn(language, text, translate.missing), encoding="utf-8")
        return
    notebook = nbformat.read(source, as_version=4)
    messages.notebook(notebook, translate, translate.code)
    notebook.cells[0].source = warn(language, notebook.cells[0].source, translate.missing)
    nbformat.write(notebook, path)


def configure(language: str, root: Path) -> None:
    """Write the configuration and the table of contents."""
    translate = Translator(language, BOOK)
    config, toc = (yaml.safe_load((ROOT / name).read_text(encoding="utf-8")) for name in ("_config.yml", "_toc.yml"))
    config |= {key: translate(config[key]) for key in ("title", "author")}
    for part in toc["parts"]:
        part["caption"] = translate(part["caption"])
    _ = Translator(language, "site")
    config["sphinx"]["config"] |= {
        "language": language,
        "locale_dirs": ["locale"],
        "nb_code_prompt_show": _("Show code cell {type}"),
        "nb_code_prompt_hide": _("Hide code cell {type}"),
        "numfig_format": {"figure": _("Fig. %s")},
    }
    for name, content in (("_config.yml", config), ("_toc.yml", toc)):
        (root / name).write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def link(language: str, root: Path) -> None:
    """Link what both editions share, and put in its place what is drawn or compiled for this one."""
    for name in ("tools", "_templates", "chapters/references.bib"):
        place(ROOT / name, root / name)
    for file in (ROOT / "_static").iterdir():
        own = ROOT / "locale" / language / "_static" / file.name
        place(own if own.exists() else file, root / "_static" / file.name)
    for name in WORDS:
        file = root / "locale" / language / "LC_MESSAGES" / f"{name}.mo"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(catalogs.compiled(language, name))


def draw(language: str, root: Path) -> None:
    """Draw the benchmarks with the words of their table."""
    _, words = Translator(language, "site"), Translator(language, BENCHMARKS)
    words_of_the_axis = {"time over the time of ntklib": _("time over the time of ntklib")}
    results = json.loads((ROOT / "benchmarks" / "results" / "results.json").read_text(encoding="utf-8"))
    path = root / "benchmarks" / "results" / "figure.svg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    report.figure(results, path, lambda text: words_of_the_axis.get(text) or words(text))


def place(target: Path, name: Path) -> None:
    """Make a link."""
    name.parent.mkdir(parents=True, exist_ok=True)
    name.unlink(missing_ok=True)
    name.symlink_to(target)


def write(language: str) -> None:
    """Write an edition."""
    root = sources(language)
    cache = root / "executed"
    cache.mkdir(parents=True, exist_ok=True)
    configure(language, root)
    link(language, root)
    draw(language, root)
    for page in catalogs.pages():
        write_page(language, page, root)
    os.environ["NTKLIB_LANGUAGE"] = language  # of what ntklib prints
    notebooks = sorted(root.glob("chapters/*.ipynb"))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda path: run(path, cache), [path for path in notebooks if path.stem not in LISTS]))
    for path in notebooks:
        if path.stem in LISTS:
            run(path, None)


if __name__ == "__main__":
    for language in LANGUAGES:
        write(language)
