"""Draw the logo, the favicon and the cover of each edition into its _static: python tools/pictures.py."""

from functools import cache
from pathlib import Path

import jax
import numpy as np
from catalogs import LANGUAGES, LOCALE, Translator
from editions import ROOT, SOURCE
from matplotlib import style
from matplotlib.figure import Figure

import ntklib
from ntklib.examples import curve

jax.config.update("jax_enable_x64", True)
# of Okabe & Ito, whose colours colour-blind readers tell apart; the brighter ones for a dark page
LIGHT = {"curve": "#0072B2", "line": "#D55E00", "ink": "#24292f", "soft": "#767b82"}
DARK = {"curve": "#56B4E9", "line": "#E69F00", "ink": "#e6e8eb", "soft": "#9aa3ad"}


def logo(path: Path, *, scale: float) -> None:
    """A curve and its tangent at one point: a model and its linearization."""
    figure = Figure(figsize=(1, 1))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(-1, 1), ylim=(-1, 1))
    axes.axis("off")
    t, at = np.linspace(-0.88, 0.88, 30), 0.36
    height, slope = np.sin(3 * at) / 1.7 - 0.1, 3 * np.cos(3 * at) / 1.7
    ends = np.array([-0.3, 0.9])
    # colours of middle lightness, which stand out on white and on black
    axes.plot(t, np.sin(3 * t) / 1.7 - 0.1, color="#2B8CC4", linewidth=6 * scale, solid_capstyle="round")
    axes.plot(ends, height + slope * (ends - at), color="#E0700F", linewidth=4 * scale, solid_capstyle="round")
    axes.plot(at, height, "o", color="#E0700F", markersize=13 * scale)
    save(figure, path)


@cache
def curves() -> tuple:
    """Six points; the outputs at one of them along a line through w₀; both functions before and after training."""
    init, phi = ntklib.mlp((1, 64, 1), activation="tanh", parametrization="ntk", weight_std=1.5, bias_std=0.7)
    w0, (X, y) = init(jax.random.key(0)), curve(6)
    models = phi, ntklib.linearize(phi, w0)
    w = [ntklib.gradient_descent(ntklib.loss(f, X, y), w0, step_size=1e-2, steps=2000).w for f in models]
    s = np.linspace(-4, 4, 81)
    line = jax.vmap(lambda s: jax.tree.map(lambda start, end: start + s * (end - start), w0, w[0]))(s)
    x = np.linspace(-1.1, 1.1, 89)[:, None]
    near_w0 = [jax.vmap(f, (0, None))(line, X[4]) for f in models]
    return (
        X,
        y,
        s,
        near_w0,
        x,
        jax.vmap(phi, (None, 0))(w0, x),
        [jax.vmap(f, (None, 0))(end, x) for f, end in zip(models, w, strict=True)],
    )


def cover(path: Path, colours: dict[str, str], _: Translator) -> None:
    """A network and its linearization: along a line through w₀, and as functions, before and after training."""
    X, y, s, near_w0, x, before, after = curves()
    figure = Figure(figsize=(8, 4.2), layout="constrained", facecolor="white")
    near, trained = figure.subplots(1, 2)
    network = {"color": colours["curve"], "linewidth": 4}
    linearized = {"color": colours["line"], "linewidth": 3, "linestyle": (0, (3, 1.5))}
    near.plot(s, near_w0[0], **network)
    near.plot(s, near_w0[1], **linearized)
    near.plot(0, near_w0[1][40], "o", color=colours["ink"], markersize=12)
    near.set(title=_("Linearize the network at $w_0$"), xlabel=_("its parameters $w$"))
    trained.plot(x, before, color=colours["soft"], linewidth=2, linestyle="dotted", label=_("at $w_0$"))
    trained.plot(x, after[0], **network, label=_("network"))
    trained.plot(x, after[1], **linearized, label=_("linearized"))
    trained.plot(X[:, 0], y, "o", color=colours["ink"], markersize=8)
    trained.set(title=_("Train both"), xlabel=_("its input $x$"))
    trained.legend(frameon=False, labelcolor=colours["ink"], loc="lower right", handlelength=1.6)
    for axes in (near, trained):
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["bottom", "left"]].set_color(colours["soft"])
        axes.set(xticks=[], yticks=[])
        axes.title.set_color(colours["ink"])
        axes.xaxis.label.set_color(colours["ink"])
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write a figure, the same bytes each time; a drawing has no background of its own."""
    if path.suffix == ".svg":
        figure.savefig(path, transparent=True, metadata={"Date": None, "Creator": None})
    else:
        figure.savefig(path, dpi=150)


def draw(folder: Path, language: str) -> None:
    """Write the pictures of an edition into a folder; the logo and the icon belong to all."""
    _ = Translator(language, "site")
    with style.context(["default", {"svg.hashsalt": "ntklib", "mathtext.fontset": "cm", "font.size": 17}]):
        if language == SOURCE:
            logo(folder / "logo.svg", scale=1)
            logo(folder / "favicon.svg", scale=1.4)
        cover(folder / "cover-light.svg", LIGHT, _)
        cover(folder / "cover-dark.svg", DARK, _)
        cover(folder / "cover.png", LIGHT, _)  # previews of links show no drawings


def static(language: str) -> Path:
    """Where the pictures of an edition stand."""
    return (ROOT if language == SOURCE else LOCALE / language) / "_static"


if __name__ == "__main__":
    for language in (SOURCE, *LANGUAGES):
        draw(static(language), language)
