// What is wider than its place can be scrolled by keyboard. The theme sees to code and tables once, when the page is
// loaded, and they may be folded then; to formulas it does not see. One in a line has no size to be observed until it
// is scrolled: see before-paint.js.
addEventListener("load", async () => {
  const look = new ResizeObserver((changes) => {
    for (const { target } of changes)
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
  });
  await window.MathJax?.startup?.promise;
  const places = ["pre", ".cell_output > .output", ".pst-scrollable-table-container", "mjx-container[display]", "span.math"];
  document.querySelectorAll(`.bd-article :is(${places})`).forEach((place) => look.observe(place));
});
