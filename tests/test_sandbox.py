"""A notebook that nobody trusts: what it can do, what it cannot, and what comes out of it."""

import os

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from sandbox import Limits, Raised, Remote, Sandbox, Stopped, available

pytestmark = pytest.mark.skipif(
    available() is not None and "CI" not in os.environ, reason=f"submissions cannot be isolated: {available()}"
)

FUNCTIONS = """
import os, time
import numpy as np
def double(x): return 2 * np.asarray(x)
def adder(a): return lambda b: a + b
def apply(f, x): return f(x)
def fail(): return 1 / 0
def large(): return np.ones((1000, 1000))
def slow(): time.sleep(60)
def leave(): os._exit(0)
class Wicked:
    def __reduce__(self): return os.system, ("touch /tmp/wicked",)
def wicked(): return Wicked()
unanswered = ...
numbers = {"a": (1, 2.5, None), "b": [True, "x", np.eye(2)]}
"""


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(Limits(seconds=300, cell_seconds=10)) as sandbox:
        assert sandbox.run(new_notebook(cells=[new_code_cell(FUNCTIONS)])) == []
        yield sandbox


def printed(source, limits=None):
    notebook = new_notebook(cells=[new_code_cell(source)])
    with Sandbox(limits or Limits(seconds=60, cell_seconds=20)) as sandbox:
        problems = sandbox.run(notebook)
    return "".join(output.get("text", "") for output in notebook.cells[0].outputs), problems


def test_numbers_come_out_as_they_are(sandbox):
    x = np.array([1.0, np.nan, -0.0])
    got = sandbox.get("double")(x)
    np.testing.assert_array_equal(got, 2 * x)
    assert got.dtype == np.float64
    numbers = sandbox.get("numbers")
    assert numbers["a"] == (1, 2.5, None)
    assert numbers["b"][:2] == [True, "x"]
    np.testing.assert_array_equal(numbers["b"][2], np.eye(2))
    assert sandbox.get("unanswered") is Ellipsis


def test_functions_stay_inside_and_can_be_called_and_passed(sandbox):
    add_three = sandbox.get("adder")(3)
    assert isinstance(add_three, Remote)
    assert add_three(4) == 7
    assert sandbox.get("apply")(add_three, 5) == 8
    offset = 10.0
    assert sandbox.get("apply")(lambda x: x + offset, 1.0) == 11.0


def test_an_object_never_comes_out(sandbox):
    assert isinstance(sandbox.get("wicked")(), Remote)
    assert not os.path.exists("/tmp/wicked")


def test_errors_say_what_happened_and_where(sandbox):
    with pytest.raises(AssertionError, match="delta is not defined"):
        sandbox.get("delta")
    with pytest.raises(Raised, match=r"your code raised ZeroDivisionError.*at: def fail\(\): return 1 / 0"):
        sandbox.get("fail")()
    with pytest.raises(Raised, match="more than 10 s"):
        sandbox.get("slow")()
    assert sandbox.get("double")(1.0) == 2.0  # it goes on after that


def test_a_process_that_ends_is_noticed():
    with Sandbox(Limits(seconds=60, cell_seconds=20)) as sandbox:
        sandbox.run(new_notebook(cells=[new_code_cell(FUNCTIONS)]))
        leave = sandbox.get("leave")
        with pytest.raises(Stopped, match="ended"):
            leave()
        with pytest.raises(Stopped):
            sandbox.get("double")


@pytest.mark.parametrize("answer", ["nonsense", "[]", "{}", "7", '{"value": 1, "more": 2}', "[" * 100_000])
def test_a_spoilt_answer_is_noticed(answer):
    source = f"import sys\nsys.modules['inside'].answer = lambda request, names: {answer!r}"
    with Sandbox(Limits(seconds=60, cell_seconds=20)) as sandbox:
        assert sandbox.run(new_notebook(cells=[new_code_cell(source)])) == []
        with pytest.raises(Stopped, match="spoilt"):
            sandbox.get("double")


def test_no_file_of_ours_no_environment_no_other_process(tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("seed")
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "seed")
    text, problems = printed(
        f"import os\nprint(os.path.exists({str(tmp_path)!r}), 'SECRET_OF_THE_GRADER' in os.environ,"
        " sum(name.isdigit() for name in os.listdir('/proc')) < 5, os.path.exists(os.path.expanduser('~/.ssh')))"
    )
    assert problems == []
    assert text == "False False True False\n"


def test_python_cannot_be_changed_even_where_the_grader_is_root():
    _, problems = printed("import ntklib\nopen(ntklib.__file__, 'a')")
    assert len(problems) == 1
    assert "Read-only file system" in problems[0]
    text, problems = printed(
        "import subprocess\n"
        "for words in ('mount -o remount,rw,bind /usr', 'unshare -Urm true', 'touch /x', 'touch /dev/x'):\n"
        "    print(subprocess.run(words.split(), capture_output=True).returncode != 0)\n"
        "print([line.split()[1].strip('0') for line in open('/proc/self/status') if line.startswith('CapEff')])"
    )
    assert problems == []
    assert text == "True\nTrue\nTrue\nTrue\n['']\n"


def test_no_network():
    _, problems = printed("import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=5)")
    assert len(problems) == 1
    assert "Network is unreachable" in problems[0]


def test_memory_and_disk_are_limited():
    limits = Limits(seconds=60, cell_seconds=20, memory=1 << 30, disk=1 << 24)
    _, problems = printed("hoard = bytearray(1 << 31)", limits)
    assert len(problems) == 1
    assert "MemoryError" in problems[0]
    for folder in ("/tmp", "/dev/shm"):
        _, problems = printed(f"for i in range(8): open(f'{folder}/{{i}}', 'wb').write(bytes(1 << 22))", limits)
        assert len(problems) == 1
        assert "No space left" in problems[0]


def test_time_is_limited_and_what_comes_after_still_runs():
    sources = ["while True: pass", "print('after')"]
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    with Sandbox(Limits(seconds=60, cell_seconds=3)) as sandbox:
        assert sandbox.run(notebook) == ["code cell 1: stopped after 3 s"]
    assert notebook.cells[1].outputs[0].text == "after\n"
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    sources = [stubborn, "1", "2", "3", "4"]
    with Sandbox(Limits(seconds=8, cell_seconds=3)) as sandbox:
        problems = sandbox.run(new_notebook(cells=[new_code_cell(source) for source in sources]))
    assert problems == ["code cell 1: stopped: the notebook took more than 8 s"]


def test_what_is_printed_is_limited():
    text, problems = printed("for i in range(100): print('x' * (1 << 20))")
    assert problems == ["code cell 1: it printed more than 64 MiB"]
    assert len(text) <= 64 << 20


def test_large_answers_come_out_fast(sandbox):
    assert sandbox.get("large")().shape == (1000, 1000)
