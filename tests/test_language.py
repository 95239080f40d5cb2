"""The lines that ntklib prints, in another language."""

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from ntklib import verify, verify_bound
from ntklib.homework import Notebook
from ntklib.results import report, results

REPORT = {
    "source": "Euclid, book I",
    "claim": "a² + b² = c²",
    "scaled": "one triangle",
    "theirs": "25",
    "ours": "25",
    "checks": {"equal": True, "larger": False},
}


def test_checks_are_reported_in_portuguese(monkeypatch, capsys):
    monkeypatch.setenv("NTKLIB_LANGUAGE", "pt_BR")
    verify("eq-a", np.ones(2), np.ones(2), tol=1e-9)
    verify_bound("eq-b", 1.0, 2.0)
    assert capsys.readouterr().out == "✓ eq-a: os dois lados coincidem a menos de 1e-09\n✓ eq-b: a cota vale\n"


def test_a_language_that_is_not_there_is_english(monkeypatch, capsys):
    monkeypatch.setenv("NTKLIB_LANGUAGE", "de")
    verify_bound("eq-b", 1.0, 2.0)
    assert capsys.readouterr().out == "✓ eq-b: the bound holds\n"


def test_a_published_result_is_read_back_in_portuguese(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("NTKLIB_LANGUAGE", "pt_BR")
    report("res-a", **REPORT)
    printed = new_output("stream", name="stdout", text=capsys.readouterr().out)
    notebook = new_notebook(cells=[new_code_cell("", execution_count=1, outputs=[printed])])
    nbformat.write(notebook, tmp_path / "chapter.ipynb")
    (result,) = results([tmp_path / "chapter.ipynb"])
    assert result.verdict == "em parte"
    assert {name: getattr(result, name) for name in REPORT} == REPORT


def wordless(*arguments):
    raise AssertionError


@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        (lambda *arguments: [[36.0, 4.0]], "K das entradas 2 e (3, -1): só uma folha dos parâmetros é contada"),
        (lambda *arguments: [[42.0], [2.0]], "K das entradas 2 e (3, -1): as linhas pertencem a X1, as colunas a X2"),
        (lambda *arguments: None, "K das entradas 2 e (3, -1): ainda sem resposta"),
        (wordless, ""),
    ],
)
def test_a_student_hears_in_portuguese_what_is_wrong(kernel, said, monkeypatch, capsys):
    monkeypatch.setenv("NTKLIB_LANGUAGE", "pt_BR")
    exec("grader.check('q1')", {"grader": Notebook("hw3"), "kernel": kernel})
    assert capsys.readouterr().out == f"q1: 0 de 1 testes públicos passaram\n  ✗ {said}\n"


def test_a_sentence_behind_a_name_is_in_portuguese(monkeypatch, capsys):
    monkeypatch.setenv("NTKLIB_LANGUAGE", "pt_BR")
    names = dict.fromkeys(("loss", "linear_loss", "linear_loss_gradient"), lambda *arguments: None)
    exec("grader.check('q4')", {"grader": Notebook("hw1"), **names})
    assert "  ✗ loss: esperava-se que devolvesse uma função de w\n" in capsys.readouterr().out
