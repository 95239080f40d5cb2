"""What must hold of a page in a browser: each check returns what is wrong with it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# formulas that stayed as they were written, in what a reader sees
MATHEMATICS = r"""() => {
  const problems = [...document.querySelectorAll("mjx-merror")].map((error) => `mjx-merror: ${error.textContent}`);
  for (const formula of document.querySelectorAll(".math"))
    if (!formula.querySelector("mjx-container")) problems.push(`not typeset: ${formula.textContent.slice(0, 80)}`);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    if (text.parentElement.closest("pre, code, script, style, mjx-container")) continue;
    const tex = /\\[a-zA-Z([]+|\$\$|\$[^\s$]+\$/.exec(text.data);
    if (tex) problems.push(`TeX as it was typed: ${text.data.slice(Math.max(0, tex.index - 20), tex.index + 60)}`);
  }
  return problems;
}"""

# what sticks out, so that a person who looks for it finds it
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  const cut = (right, element) => {
    const { overflowX } = getComputedStyle(element);
    if (element === document.body || overflowX === "auto") return false;
    const hides = overflowX !== "visible" && element.getBoundingClientRect().right < right - 1;
    return hides || cut(right, element.parentElement);
  };
  for (const formula of document.querySelectorAll("main mjx-container"))
    if (cut(formula.getBoundingClientRect().right, formula.parentElement))
      return [`cut off at ${width}: ${formula.textContent.slice(0, 100)}`];
  if (document.scrollingElement.scrollWidth <= width) return [];
  const scrolls = (element) => element && element !== document.body &&
    (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
  const wide = [...document.body.querySelectorAll("*")].filter((element) =>
    element.getBoundingClientRect().right > width + 1 && !scrolls(element.parentElement));
  const names = wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 100));
  return [`${document.scrollingElement.scrollWidth} px wide on ${width}: ${names.join(" | ")}`];
}"""

UNFOLD = """() => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  for (const button of document.querySelectorAll(".toggle-button-hidden")) button.click();
}"""

# what is coloured like something before it turns into text; glyphs, which are no text, into boxes of their size
LIGHTEN = """() => {
  const seen = new Set();
  for (const span of document.querySelectorAll("pre span")) {
    if (seen.has(span.className) && !span.id) span.replaceWith(...span.childNodes);
    seen.add(span.className);
  }
  const formulas = [...document.querySelectorAll("mjx-math")];
  const sizes = formulas.map((formula) => formula.getBoundingClientRect());
  formulas.forEach((formula, i) => {
    formula.replaceChildren();
    formula.style.cssText = `display: inline-block; width: ${sizes[i].width}px; height: ${sizes[i].height}px`;
  });
}"""

# where among the elements of a list the first three visible ones of each kind are
CHOOSE = """(elements) => {
  const seen = {};
  return [...elements.entries()].filter(([, element]) => {
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    seen[element.className] = (seen[element.className] ?? 0) + 1;
    return seen[element.className] <= 3;
  }).map(([i]) => i);
}"""


@dataclass
class Watch:
    """What a page asked for and complained about since it was watched."""

    page: Page
    problems: list[str] = field(default_factory=list)
    requests: int = 0

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: said.type in ("error", "warning") and self.problems.append(said.text))
        self.page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        self.page.on("requestfailed", lambda request: self.problems.append(f"failed: {request.url}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _request(self, request) -> None:
        self.requests += 1
        here, there = urlsplit(self.page.url), urlsplit(request.url)
        # the first request of a page is the page itself
        if not request.is_navigation_request() and there.scheme != "data" and there.netloc != here.netloc:
            self.problems.append(f"leaves the site: {request.url}")

    def _response(self, response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")


def settled(page: Page) -> None:
    """Wait until the formulas of an opened page are typeset."""
    page.evaluate("async () => { if (window.MathJax?.startup) await MathJax.startup.promise; }")


def mathematics(page: Page) -> list[str]:
    """Formulas that are wrong or were not typeset."""
    return page.evaluate(MATHEMATICS)


def resize(page: Page, width: int) -> None:
    """Make the window as wide, and wait until the page has taken it in."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(
        "new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 100))"
    )


def overflow(page: Page) -> list[str]:
    """What makes a page scroll sideways in the window as it is."""
    return page.evaluate(OVERFLOW)


def unfold(page: Page) -> None:
    """Open what is folded: what a reader can open has to be accessible too."""
    page.evaluate(UNFOLD)
    page.wait_for_timeout(500)  # the theme looks 300 ms later for what can be scrolled


def switch(page: Page, mode: str) -> None:
    """Let the system ask for light or dark colours, and wait until they are there."""
    page.emulate_media(color_scheme=mode)
    page.wait_for_function("mode => document.documentElement.dataset.theme === mode", arg=mode)
    page.evaluate("Promise.all(document.getAnimations().map((change) => change.finished.catch(() => null)))")


def lighten(page: Page) -> None:
    """Take out of a page what would only be looked at again, and again: most of the time that axe needs."""
    page.evaluate(LIGHTEN)


def pages(site: Path) -> list[str]:
    """The pages of a site, but those that lead on to a cover at once."""
    found = (path for path in site.rglob("*.html") if "_static" not in path.parts and path.name != "index.html")
    return sorted(path.relative_to(site).as_posix() for path in found)


def accessibility(page: Page) -> list[str]:
    """Violations of WCAG 2.2 A and AA and of axe's best practices."""
    page.evaluate("scrollTo(0, 0)")  # what stands still would be too near to whatever a check has left beside it
    # axe would ask for the style sheets again, and for those that they import from where they are not
    options = {"resultTypes": ["violations"], "runOnly": RULES, "preload": False}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


class Links(HTMLParser):
    """Where a page leads to, and where in it one can be led to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.links: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag is called and what it leads to."""
        given = dict(attrs)
        self.targets.update(name for name in (given.get("id"), given.get("name")) if name)
        self.links += [link for link in (given.get("href"), given.get("src")) if link]


def broken_links(site: Path) -> Iterator[str]:
    """Links inside a site, of all of its pages, that lead nowhere."""
    pages = {path.relative_to(site).as_posix(): Links(path) for path in site.rglob("*.html")}
    for name, page in sorted(pages.items()):
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (
                posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path))) if parts.path else name
            )
            if (site / target).is_dir():
                target = posixpath.normpath(f"{target}/index.html")
            if not (site / target).is_file():
                yield f"{name}: {link} is not there"
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].targets:
                yield f"{name}: nothing is called {parts.fragment} in {target}"


def slides(page: Page) -> list[str]:
    """Moving pictures that the keyboard does not move from end to end."""
    problems = []
    for picture in page.locator(".moving-picture").all():
        slider, output = picture.locator("input[type=range]"), picture.locator("output")
        name = picture.get_attribute("id")
        seen = {}
        slider.focus()
        for key in ("Home", "ArrowRight", "End", "ArrowLeft"):
            page.keyboard.press(key)
            shown = picture.evaluate(
                "picture => [...picture.querySelectorAll('[data-frame]')]"
                ".filter(frame => frame.getAttribute('display') !== 'none').map(frame => frame.dataset.frame)"
            )
            if set(shown) != {slider.input_value()}:
                problems.append(f"{name}: after {key} it shows frames {sorted(set(shown))}, not {slider.input_value()}")
            seen[key] = (slider.input_value(), output.inner_text())
        if len({value for value, _ in seen.values()}) < 3 or len({text for _, text in seen.values()}) < 3:
            problems.append(f"{name}: the keys lead to {seen} only")
    return problems


def three_of_each(page: Page, selector: str) -> list[Locator]:
    """Of the visible elements, three of each kind, by their classes: others would only do the same again."""
    found = page.locator(selector)
    return [found.nth(i) for i in found.evaluate_all(CHOOSE)]


def unfolds(page: Page) -> list[str]:
    """What the keyboard does not open and close: answers to questions, folded code, solutions."""
    problems = []
    for kind, opened in (
        ("details > summary", "summary => summary.parentElement.open"),
        (".toggle .toggle-button", "button => button.ariaExpanded === 'true' && !button.closest('.toggle-hidden')"),
    ):
        for handle in three_of_each(page, kind):
            handle.focus()
            states = [handle.evaluate(opened)]
            for _ in range(2):
                page.keyboard.press("Enter")
                states.append(handle.evaluate(opened))
            if states[0] == states[1] or states[0] != states[2]:
                problems.append(f"{handle.evaluate('handle => handle.outerHTML')[:100]}: open is {states}")
    return problems


def copies(page: Page) -> list[str]:
    """Copy buttons that do not copy the code beside them."""
    problems = []
    for button in three_of_each(page, "button.copybtn"):
        button.focus()
        page.keyboard.press("Enter")
        code = button.evaluate("button => document.querySelector(button.dataset.clipboardTarget).innerText").strip()
        copied = page.evaluate("() => navigator.clipboard.readText()").strip()
        # without what stands before a line of an example, and what comes out of it
        if not copied or not set(copied.split("\n")) <= {re.sub(r"^(>>>|\.\.\.) ?", "", x) for x in code.split("\n")}:
            problems.append(f"copied {copied[:60]!r}, where it says {code[:60]!r}")
    return problems


def sorts(page: Page) -> list[str]:
    """Columns that the keyboard does not sort up and down, or that do not say so."""
    problems = []
    for button in page.locator("th button").all():
        seen = {}
        button.focus()
        for said in ("ascending", "descending"):
            page.keyboard.press("Enter")
            head, column = button.evaluate(
                "button => { const head = button.closest('th'), { rows } = head.closest('table').tBodies[0];"
                "return [head.ariaSort, [...rows].map(row => row.cells[head.cellIndex].textContent.trim())]; }"
            )
            if head != said:
                problems.append(f"{button.inner_text()}: aria-sort is {head}, not {said}")
            seen[said] = column
        up, down = seen.values()
        if up != down[::-1] or (up == down and len(set(up)) > 1):
            problems.append(f"{button.inner_text()}: ascending is {up[:3]}, descending {down[:3]}")
    return problems


def filters(page: Page) -> list[str]:
    """Tables that do not show the rows with the words that are typed above them, and how many."""
    problems = []
    for search in page.locator("input[type=search]:visible").all():
        rows = page.locator("table:has(th button) > tbody > tr")
        texts = rows.all_inner_texts()
        for words in (texts[-1], texts[0].split()[0].upper(), "nothing like it", ""):
            search.fill(words)
            expected = [all(word in text.lower() for word in words.lower().split()) for text in texts]
            shown = rows.evaluate_all("rows => rows.map(row => row.checkVisibility())")
            count = page.locator("output", has_text=re.compile(rf"^{sum(expected)} \w+ {len(texts)}$")).count()
            if shown != expected or not count:
                problems.append(f"{words[:20]!r} shows {sum(shown)} of {len(texts)} rows, not {sum(expected)}")
    return problems


def results(page: Page, address: str, words: str) -> list[str]:
    """What the search of the site finds: the addresses, best first."""
    page.goto(f"{address}/search.html?q={words}")
    page.locator("#search-results .search-summary", has_text=re.compile(r"\w")).wait_for()
    return [link.get_attribute("href") for link in page.locator("#search-results li > a").all()]
