"""The address of the repository, which stands in _config.yml: python tools/repository.py https://github.com/OWNER/NAME.

An OWNER that begins with a hyphen, as no account of GitHub may, is a placeholder: the book is not published yet.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
COPIES = ("CITATION.cff", "README.md", "pyproject.toml")  # where a reader or a program looks for the address
LEGAL = re.compile(
    r"https://github\.com/(?=[^/]{1,39}/)[A-Za-z0-9](-?[A-Za-z0-9])*"  # the account
    r"/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}(?<!\.git)(?<!\.wiki)"  # the repository
)


def address(root: Path = ROOT) -> str:
    """The address that the configuration of the book holds."""
    return yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]


def head(root: Path = ROOT) -> str:
    """The commit of a checkout; empty where there is none."""
    if not shutil.which("git"):
        return ""
    git = ["git", "-C", root, "rev-parse", "--verify", "--quiet", "HEAD"]
    return subprocess.run(git, capture_output=True, text=True).stdout.strip()


def is_placeholder(url: str) -> bool:
    """Whether the book is not published yet."""
    return url.startswith("https://github.com/-")


def site(url: str) -> str:
    """The address at which GitHub Pages serves the site of a repository."""
    owner, name = url.split("/")[3:]
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def colab(url: str, page: str) -> str:
    """The address that opens the notebook of a page in Colab."""
    owner, name = url.split("/")[3:]
    return f"https://colab.research.google.com/github/{owner}/{name}/blob/notebooks/{page}.ipynb"


def check(url: str) -> None:
    """Raise ValueError where an address can be that of no repository on GitHub."""
    if not LEGAL.fullmatch(url):
        raise ValueError(
            "the address of the repository must be https://github.com/OWNER/NAME, with names that GitHub allows and "
            f"nothing behind them (no .git, no slash); got {url!r}"
        )


def set_address(root: Path, url: str) -> list[str]:
    """Write an address, and that of its site, in place of the present ones; return the names of the changed files."""
    check(url)
    old = address(root)
    if not is_placeholder(old):
        check(old)
    if old == url:
        return []
    texts = {name: (root / name).read_text(encoding="utf-8") for name in ("_config.yml", *COPIES)}
    for name, text in texts.items():
        new = re.sub(re.escape(site(old)), site(url), text)
        new, count = re.subn(re.escape(old) + r"(?![\w-])", url, new)
        if not count:
            raise ValueError(f"{name} does not hold {old}, the address in _config.yml: write it there first")
        texts[name] = new
    for name, text in texts.items():  # only once all of them can be written
        (root / name).write_text(text, encoding="utf-8")
    return list(texts)


if __name__ == "__main__":
    url = " ".join(sys.argv[1:])
    try:
        changed = set_address(ROOT, url)
    except ValueError as error:
        sys.exit(f"make repository: {error}")
    print(f"The address is {url}" + (f", set in {', '.join(changed)}." if changed else " already."))
    print("Commit it and push it to the branch main there: the publish workflow makes the branch notebooks, which the")
    print(f"buttons for Colab open. The pages will stand at {site(url)} once they are published.")
