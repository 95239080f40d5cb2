"""The ledger of published results: a claim of the literature, beside what a chapter computes of it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ntklib._language import _

__all__ = ["Result", "report", "results"]


def _fields() -> list[str]:
    return [_("source"), _("claim"), _("scaled"), _("theirs"), _("ours")]


@dataclass(frozen=True)
class Result:
    """A published result that a chapter re-computes.

    Attributes:
        label: Its label, ``res-…``.
        verdict: ``"reproduced"`` when all checks hold, ``"in part"`` when some do, ``"not reproduced"`` when none does.
        source: The key of the source in the bibliography and the place there, ``"Lee2019, figure 1"``.
        claim: What the source says.
        scaled: How our computation is smaller than the source's, or differs from it otherwise.
        theirs: The source's numbers.
        ours: Ours, with their spread over seeds.
        checks: What had to hold, sentence by sentence, and whether it did.
        chapter: The name of the notebook that computes it, without the suffix.
        cell: The number in brackets beside the cell.
    """

    label: str
    verdict: str
    source: str
    claim: str
    scaled: str
    theirs: str
    ours: str
    checks: Mapping[str, bool]
    chapter: str
    cell: int


def report(
    label: str, *, source: str, claim: str, scaled: str, theirs: str, ours: str, checks: Mapping[str, Any]
) -> None:
    """Print a published result beside our own; the verdict follows from the checks.

    A check that fails raises no error: a result that does not reproduce is one, too.

    Args:
        label: The label of the result, ``res-…``.
        source: The key of the source in the bibliography and the place there, ``"Lee2019, figure 1"``.
        claim: What the source says, in our words.
        scaled: How our computation is smaller than the source's, or differs from it otherwise.
        theirs: The source's numbers.
        ours: Ours, with their spread over seeds.
        checks: Sentences, and whether each holds; at least one.

    Raises:
        ValueError: A text is empty, the label does not begin with ``res-``, the source has no place, or there is no
            check.

    Example:
        >>> report(
        ...     "res-pythagoras", source="Euclid300BC, book I, proposition 47", claim="a² + b² = c²",
        ...     scaled="one triangle", theirs="25", ours="25", checks={"both sides are equal": 3**2 + 4**2 == 5**2},
        ... )
        Published result res-pythagoras: reproduced
          source: Euclid300BC, book I, proposition 47
          claim: a² + b² = c²
          scaled: one triangle
          theirs: 25
          ours: 25
          ✓ both sides are equal
    """
    texts = {"source": source, "claim": claim, "scaled": scaled, "theirs": theirs, "ours": ours}
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name}: expected a text, got {text!r}")
    if not label.startswith("res-"):
        raise ValueError(f"label: expected res-…, got {label!r}")
    if "," not in source:
        raise ValueError(f"source: expected a key of the bibliography and a place, 'Lee2019, figure 1', got {source!r}")
    if not checks:
        raise ValueError("checks: expected at least one sentence with whether it holds, got none")
    held = [bool(value) for value in checks.values()]
    verdict = _("reproduced") if all(held) else _("in part") if any(held) else _("not reproduced")
    lines = [f"{name}: {' '.join(text.split())}" for name, text in zip(_fields(), texts.values(), strict=True)]
    lines += [f"{'✓' if value else '✗'} {sentence}" for sentence, value in zip(checks, held, strict=True)]
    print(f"{_('Published result')} {label}: {verdict}")
    for line in lines:
        # nothing but a continuation begins with six spaces, so that the stored output can be read back
        print(textwrap.fill(line, 88, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False))


def results(notebooks: Iterable[Path]) -> list[Result]:
    """All published results that the notebooks have reported, as their stored outputs have them.

    Args:
        notebooks: Paths of the chapters, ``.ipynb``.

    Returns:
        One :class:`Result` for each :func:`report` that was run, in order.

    Example:
        >>> results([])
        []
    """
    found = []
    for path in notebooks:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                printed = "".join(output.get("text", "")).replace("\n      ", " ")
                for block in printed.split(f"{_('Published result')} ")[1:]:
                    found.append(_parse(block, path.stem, cell["execution_count"]))
    return found


def _parse(block: str, chapter: str, cell: int) -> Result:
    head, *rest = block.splitlines()
    label, verdict = head.split(": ")
    lines = [line[2:] for line in rest if line.startswith("  ")]
    count = len(_fields())
    source, claim, scaled, theirs, ours = (line.split(": ", 1)[1] for line in lines[:count])
    checks = {line[2:]: line[0] == "✓" for line in lines[count:]}
    return Result(label, verdict, source, claim, scaled, theirs, ours, checks, chapter, cell)
