// What has to be settled before the first paint, so that nothing changes under the reader's eyes.
{
  const root = document.documentElement;

  // the colours: the theme follows the system's only later
  if (root.dataset.mode === "auto") {
    root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }

  // fonts that are known to be needed; a preload in the page would be an error where it is opened from disk
  const load = (file) => new FontFace("early", `url("${new URL(file, document.currentScript.src)}")`).load();
  load("vendor/fontawesome/webfonts/fa-solid-900.woff2");

  // Mathematics: MathJax typesets what is in view, and only then the text appears; the rest follows in pauses, what is
  // nearest first. Where MathJax is late or missing, the text appears as it is.
  if (window.MathJax) {
    load("mathjax/output/chtml/fonts/woff-v2/MathJax_Main-Regular.woff");
    load("mathjax/output/chtml/fonts/woff-v2/MathJax_Math-Italic.woff");

    const show = () => root.classList.remove("typesetting");
    root.classList.add("typesetting");
    setTimeout(show, 3000);

    const distance = (formula) => {
      if (!formula.getClientRects().length) return 1e9; // folded away
      const whole = formula.closest("table") ?? formula; // any row moves the columns of all
      const { top, bottom } = whole.getBoundingClientRect();
      return Math.max(0, -bottom, top - innerHeight);
    };
    // an equation that is a little wider than its place gets smaller; what is much wider is scrolled
    const place = (formula) => formula.parentElement.closest("p, li, dd, td, th, h1, h2, h3, h4, summary, div");
    const fit = (formulas) => {
      const sizes = formulas.map((formula) => {
        const inner = formula.querySelector("mjx-container");
        return inner?.hasAttribute("display")
          ? { inner, times: inner.scrollWidth / inner.clientWidth }
          : { wide: inner?.offsetWidth > place(formula).clientWidth };
      });
      sizes.forEach(({ inner, times, wide }, i) => {
        if (wide) formulas[i].classList.add("wide");
        else if (times > 1 && times < 1.3)
          inner.style.fontSize = `${(parseFloat(inner.style.fontSize) / times) * 0.99}%`;
      });
    };
    // again when the page gets narrower, and when what was folded away is shown
    const places = new ResizeObserver((changes) =>
      requestAnimationFrame(() => fit(changes.flatMap(({ target }) => [...target.querySelectorAll(".math")]))),
    );
    const pause = () => new Promise((go) => (window.requestIdleCallback ?? setTimeout)(go));
    window.MathJax.startup = {
      pageReady: async () => {
        let waiting = [...document.querySelectorAll(".math")];
        const typeset = async (formulas) => {
          waiting = waiting.filter((formula) => !formulas.includes(formula));
          await MathJax.typesetPromise(formulas);
          fit(formulas);
          formulas.forEach((formula) => places.observe(place(formula)));
        };
        const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
        target?.scrollIntoView({ behavior: "instant" }); // the browser gets there later, past formulas that move
        await typeset(waiting.filter((formula) => distance(formula) < 100));
        root.offsetHeight; // the fonts are asked for once there is a layout
        await document.fonts.ready;
        show();
        while (waiting.length) {
          await pause();
          const far = new Map(waiting.map((formula) => [formula, distance(formula)]));
          await typeset(waiting.sort((one, other) => far.get(one) - far.get(other)).slice(0, 80));
        }
      },
    };
  }
}
