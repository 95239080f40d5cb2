"""The course's figures: their style, and those that the reader moves."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Mapping
from html import escape
from io import StringIO

import matplotlib.pyplot as plt
from matplotlib.artist import Artist
from matplotlib.cbook import flatten
from matplotlib.figure import Figure
from matplotlib_inline.backend_inline import set_matplotlib_formats

__all__ = ["MovingPicture", "moving_picture", "use_style"]

# The slider appears where scripts run; elsewhere the still frame stays.
_HTML = """\
<div class="moving-picture" id="{id}">
{svg}
<p hidden><label>{parameter} <input type="range" autocomplete="off" min="0" max="{last}" value="{still}" \
aria-valuetext="{value}"></label> <output aria-live="off">{value}</output></p>
<script>
(() => {{
  const picture = document.getElementById("{id}");
  const [slider, output] = [picture.querySelector("input"), picture.querySelector("output")];
  const values = {values};
  slider.addEventListener("input", () => {{
    for (const frame of picture.querySelectorAll("[data-frame]"))
      frame.setAttribute("display", frame.dataset.frame === slider.value ? "inline" : "none");
    output.value = values[slider.value];
    slider.setAttribute("aria-valuetext", values[slider.value]);
  }});
  picture.querySelector("p").hidden = false;
}})();
</script>
</div>"""


def use_style() -> None:
    """Draw every figure from here on in the course's style, at twice the resolution in a notebook.

    The style is ``ntklib/course.mplstyle``; its colours are those of Okabe & Ito, which colour-blind readers
    tell apart.

    Example:
        >>> use_style()
        >>> plt.rcParams["axes.grid"]
        True
    """
    plt.style.use("ntklib.course")
    set_matplotlib_formats("retina")


class MovingPicture:
    """A figure with a slider, as a notebook shows it; made by :func:`moving_picture`.

    Attributes:
        parameter: what the slider moves.
        values: the value of each frame, in the order of the slider.
        html: the picture and its slider, in one element of HTML that loads nothing.
    """

    def __init__(self, parameter: str, values: list[str], html: str) -> None:
        self.parameter, self.values, self.html = parameter, values, html

    def __repr__(self) -> str:
        return f"<MovingPicture: {self.parameter} in {', '.join(self.values)}>"

    def _repr_html_(self) -> str:
        return self.html


def moving_picture(
    figure: Figure,
    frames: Mapping[str, Artist | Iterable[Artist]],
    *,
    parameter: str,
    alt: str,
    still: str,
) -> MovingPicture:
    """Let the reader of a notebook move a parameter and see the figure follow.

    Everything is drawn beforehand, and once: what belongs to a frame appears and disappears, while axes, labels and
    whatever belongs to no frame stand still. The figure is closed.

    Args:
        figure: a figure in which all frames have been drawn over one another.
        frames: for each value of the parameter, as it is shown, what belongs to its frame alone: an artist, or
            artists in any nesting, such as what ``axes.plot`` and ``axes.bar`` return. At least two.
        parameter: what the slider moves, in words.
        alt: what is seen as the parameter moves, for those who do not see it.
        still: the value shown at first, and always where scripts do not run.

    Returns:
        What a notebook shows as the figure, in SVG, above a slider that mouse and arrow keys move.

    Raises:
        ValueError: if there are fewer than two frames, if one is empty, if an artist stands in two or is not in the
            figure, if ``still`` is the value of none, or if ``parameter`` or ``alt`` is empty.

    Example:
        >>> figure, axes = plt.subplots()
        >>> frames = {str(slope): axes.plot([0, 1], [0, slope], "C0") for slope in (0, 1, 2)}
        >>> moving_picture(figure, frames, parameter="slope", alt="A line that turns up.", still="1")
        <MovingPicture: slope in 0, 1, 2>
    """
    values = list(frames)
    if len(values) < 2:
        raise ValueError(f"frames: at least two are needed, got {len(values)}")
    if still not in values:
        raise ValueError(f"still: expected one of {', '.join(map(repr, values))}, got {still!r}")
    for name, text in (("parameter", parameter), ("alt", alt)):
        if not text.strip():
            raise ValueError(f"{name}: is empty")
    seen: set[Artist] = set()
    for number, value in enumerate(values):
        artists = list(flatten([frames[value]]))
        if not artists:
            raise ValueError(f"frames: nothing belongs to {value!r}")
        for artist in artists:
            if artist.get_figure(root=True) is not figure:
                raise ValueError(f"frames: {artist} of {value!r} is not in the figure")
            if artist in seen:
                raise ValueError(f"frames: {artist} stands in more than one, also in {value!r}")
            seen.add(artist)
            artist.set_gid(f"frame {number}")
    name = f"picture-{zlib.crc32(alt.encode()):08x}"
    html = _HTML.format(
        id=name,
        svg=_svg(figure, name, values.index(still), alt),
        parameter=escape(parameter),
        last=len(values) - 1,
        still=values.index(still),
        value=escape(still),
        values=json.dumps(values, ensure_ascii=False).replace("<", "\\u003c"),
    )
    return MovingPicture(parameter, values, html)


def _svg(figure: Figure, name: str, still: int, alt: str) -> str:
    """Draw and close a figure; of the artists that belong to frames, show those of one."""
    file = StringIO()
    with plt.rc_context({"image.composite_image": False, "svg.fonttype": "path", "svg.hashsalt": name}):
        figure.savefig(file, format="svg")
    plt.close(figure)
    text = file.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    width, height = figure.get_size_inches() * figure.dpi
    text = re.sub(
        r'^<svg.*?(viewBox="[^"]*").*?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width:g}" '
        rf'height="{height:g}" \1 role="img" aria-label="{escape(alt)}" style="max-width: 100%; height: auto">',
        text,
        count=1,
        flags=re.DOTALL,
    )
    text = re.sub(
        r'id="frame (\d+)"',
        lambda found: f'data-frame="{found[1]}" display="{"inline" if int(found[1]) == still else "none"}"',
        text,
    )
    # a hundredth of a point is finer than any screen
    text = re.sub(r' (?:d|x|y)="[^"]*"', lambda found: re.sub(r"(\.\d\d)\d+", r"\1", found[0]), text)
    # other pictures of the page have names of their own for the same things
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", text).strip()
