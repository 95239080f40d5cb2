// What is wider than its place can be scrolled by keyboard. The theme sees to code and tables once, when the page is
// loaded, and they may be folded then; to equations it does not see.
addEventListener("load", async () => {
  const look = new ResizeObserver((changes) => {
    for (const { target } of changes) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
  });
  await window.MathJax?.startup?.promise;
  const wide = ".bd-article :is(pre, .cell_output > .output, .pst-scrollable-table-container, mjx-container[display])";
  document.querySelectorAll(wide).forEach((place) => look.observe(place));
});
