"""What must hold of the workflows and forms of the repository; make lint checks the rest of them."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
PINNED = re.compile(r"^ *(?:- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", re.MULTILINE)
# by which a job deploys as this repository: only those that do nothing else
DEPLOYING = {("publish", "site"), ("release", "pypi")}


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def problems(name, text):
    """What is wrong with a workflow, in words."""
    workflow = yaml.safe_load(text)
    found = []
    if any(access != "read" for access in workflow.get("permissions", {"all": "write"}).values()):
        found.append("permissions of the whole workflow")
    for key, job in workflow["jobs"].items():
        if "timeout-minutes" not in job:
            found.append(f"{key}: no timeout")
        if "permissions" not in job:
            found.append(f"{key}: no permissions of its own")
        identified = "id-token" in job.get("permissions", {})
        if identified != ((name, key) in DEPLOYING):
            found.append(f"{key}: id-token")
        elif identified and any("run" in step for step in job["steps"]):
            found.append(f"{key}: runs something while it may deploy")
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    if len(PINNED.findall(text)) != len(used):
        found.append("an action without a commit and its version")
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_a_workflow(path):
    assert problems(path.stem, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("pattern", "wrong", "found"),
    [
        (r"@[0-9a-f]{40} # v(\S+)", r"@v\1", "an action without a commit and its version"),
        (r"(@[0-9a-f]{40}) # \S+", r"\1", "an action without a commit and its version"),
        (r"^permissions: {}", "permissions:\n  contents: write", "permissions of the whole workflow"),
        (r"^permissions: {}\n", "", "permissions of the whole workflow"),
        (r" +timeout-minutes: \d+\n", "", "build: no timeout"),
        (r"contents: read", "id-token: write", "build: id-token"),
        (r"- uses: pypa", "- run: make\n      - uses: pypa", "pypi: runs something while it may deploy"),
    ],
)
def test_what_would_be_wrong_is_found(pattern, wrong, found):
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    broken, count = re.subn(pattern, wrong, text, count=1, flags=re.MULTILINE)
    assert count == 1
    assert problems("release", broken) == [found]


def test_an_action_has_one_version():
    text = "\n".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    pins = set(re.findall(r"uses: (\S+)@(\S+) # (\S+)", text))
    assert len(pins) == len({action for action, *_ in pins}) > 5


def test_the_oldest_versions_that_ntklib_promises_are_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pythons = [line.rsplit(" ", 1)[1] for line in project["classifiers"] if "Python :: 3." in line]
    matrix = load(ROOT / ".github" / "workflows" / "checks.yml")["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix["python"] == pythons
    assert pythons[0] == project["requires-python"].removeprefix(">=")
    assert f"jax>={matrix['jax'][0]}" in project["dependencies"]


def test_a_commit_runs_what_lint_runs():
    (repository,) = load(ROOT / ".pre-commit-config.yaml")["repos"]
    (hook,) = repository["hooks"]
    assert (repository["repo"], hook["entry"], hook["language"]) == ("local", "make lint", "system")
    assert (hook["always_run"], hook["pass_filenames"]) == (True, False)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_asks_for_what_is_needed(path):
    form = load(path)
    assert set(form) == {"name", "description", "labels", "body"}
    assert all(set(field) <= {"type", "id", "attributes", "validations"} for field in form["body"])
    assert {field["type"] for field in form["body"]} <= {"input", "textarea", "dropdown"}
    assert len({field["id"] for field in form["body"]}) == len(form["body"])
    assert all(field["attributes"]["label"] for field in form["body"])
    assert form["body"][0]["validations"]["required"]
