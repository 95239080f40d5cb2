// The excerpts on the page of search results show pages as text, where formulas would be TeX: write those of letters and
// numbers as text, others as an ellipsis.
document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return;
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false; // browsers fetch no page from disk
  const greek = { alpha: "α", beta: "β", gamma: "γ", delta: "δ", varepsilon: "ε", eta: "η", theta: "θ", kappa: "κ",
    lambda: "λ", Lambda: "Λ", mu: "μ", rho: "ρ", sigma: "σ", Sigma: "Σ", tau: "τ", phi: "φ", Phi: "Φ", omega: "ω" };
  const text = (tex) => {
    const plain = tex
      .replace(/\\([A-Za-z]+) ?/g, (macro, name) => greek[name] ?? macro)
      .replace(/\\mathrm\{(\w+)\}/g, "$1")
      .replace(/\{(\w+)\}/g, "$1")
      .replace(/\\,/g, " ");
    return /[\\{}]/.test(plain) ? "…" : plain;
  };
  const htmlToText = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll("div.math").forEach((formula) => formula.replaceWith(" … "));
    page.querySelectorAll("span.math").forEach((formula) => {
      formula.replaceWith(text(formula.textContent.replace(/^\\\(|\\\)$/g, "")));
    });
    return htmlToText(page.documentElement.outerHTML, anchor);
  };
});
