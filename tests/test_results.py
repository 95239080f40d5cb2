"""The ledger of published results reads back what the chapters printed."""

import contextlib
import io
import json

import pytest

from ntklib.results import report, results

TEXTS = {
    "source": "Lee2019, figure 1",
    "claim": "weights move by $n^{-1/2}$: "
    + "a sentence that is longer than one line of the output " * 3
    + "ends here",
    "scaled": "widths to 4,096 instead of 16,384",
    "theirs": "slope −0.5",
    "ours": "−0.49 ± 0.02, 10 seeds",
}


def notebook(tmp_path, *calls):
    cells = []
    for count, call in enumerate(calls, start=1):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            print("something else")
            report(**call)
        outputs = [{"output_type": "stream", "name": "stdout", "text": printed.getvalue().splitlines(keepends=True)}]
        cells.append({"cell_type": "code", "source": [], "outputs": outputs, "execution_count": count})
    path = tmp_path / "wide.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": ["Text."]}, *cells]}), encoding="utf-8")
    return path


def test_reads_back_what_was_reported(tmp_path):
    checks = {
        "within 0.1 of −1/2": True,
        "a second sentence, also longer than one line of the output " * 2 + "is": True,
    }
    (result,) = results([notebook(tmp_path, {"label": "res-one", "checks": checks, **TEXTS})])
    assert (result.label, result.verdict, result.chapter, result.cell) == ("res-one", "reproduced", "wide", 1)
    assert {name: getattr(result, name) for name in TEXTS} == TEXTS
    assert result.checks == checks


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        ((True, True), "reproduced"),
        ((True, False), "in part"),
        ((False, True), "in part"),
        ((False,), "not reproduced"),
    ],
)
def test_the_verdict_follows_from_the_checks(tmp_path, held, verdict):
    checks = {f"sentence {i}": value for i, value in enumerate(held)}
    (result,) = results([notebook(tmp_path, {"label": "res-one", "checks": checks, **TEXTS})])
    assert result.verdict == verdict
    assert tuple(result.checks.values()) == held


def test_keeps_the_order(tmp_path):
    calls = [{"label": f"res-{name}", "checks": {"holds": True}, **TEXTS} for name in "ba"]
    assert [(result.label, result.cell) for result in results([notebook(tmp_path, *calls)])] == [
        ("res-b", 1),
        ("res-a", 2),
    ]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"label": "one"}, "label: expected res-…, got 'one'"),
        ({"source": "Lee2019"}, "source: expected a key of the bibliography and a place"),
        ({"ours": " "}, "ours: expected a text, got ' '"),
        ({"theirs": 3}, "theirs: expected a text, got 3"),
        ({"checks": {}}, "checks: expected at least one sentence"),
    ],
)
def test_bad_input_is_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        report(**{"label": "res-one", "checks": {"holds": True}, **TEXTS, **wrong})
