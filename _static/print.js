// What paper cannot do for itself: dark pages turn light, answers unfold, and wide equations shrink to the width there is
// (see print.css, which knows that width).
{
  const root = document.documentElement;
  let undo = [];

  addEventListener("beforeprint", () => {
    const { theme } = root.dataset;
    root.dataset.theme = "light";
    const answers = [...document.querySelectorAll(".quiz details:not([open])")];
    answers.forEach((answer) => (answer.open = true));
    undo = () => {
      root.dataset.theme = theme;
      answers.forEach((answer) => (answer.open = false));
    };
    window.MathJax?.typeset?.(); // what the reader has not come near yet
    const widths = [...document.querySelectorAll("div.math > mjx-container")].map((formula) => {
      const size = parseFloat(getComputedStyle(formula).fontSize);
      return [formula, formula.firstElementChild.getBoundingClientRect().width / size];
    });
    for (const [formula, width] of widths) formula.style.setProperty("--width", width);
  });
  addEventListener("afterprint", () => undo());
}
