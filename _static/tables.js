// Long tables that a cell has computed: rows are sorted by a button in the head of each column, and filtered by the words
// that are typed above.
document.documentElement.classList.add("arranging"); // nothing is seen until it has its place
document.addEventListener("DOMContentLoaded", () => {
  const longer = 12;
  const _ = Documentation.gettext;
  const { compare } = new Intl.Collator(document.documentElement.lang, { numeric: true });
  // numbers by their values and before words; an empty cell last
  const order = (one, other) => {
    const [x, y] = [one, other].map((word) => (word === "" ? Infinity : isNaN(word) ? 1e300 : Number(word)));
    return x - y || compare(one, other);
  };

  for (const table of document.querySelectorAll(".cell_output table")) {
    const body = table.tBodies[0];
    const rows = [...(body?.rows ?? [])];
    if (!table.tHead || rows.length <= longer) continue;

    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      const title = head.querySelector("p") ?? head;
      button.append(...title.childNodes);
      title.append(button);
      button.addEventListener("click", () => {
        const descending = head.ariaSort === "ascending";
        for (const other of heads) other.ariaSort = null;
        head.ariaSort = descending ? "descending" : "ascending";
        const sign = descending ? -1 : 1;
        const words = new Map(rows.map((row) => [row, row.cells[column].textContent.trim()]));
        body.append(...rows.sort((one, other) => sign * order(words.get(one), words.get(other))));
      });
    });

    const form = document.createElement("form");
    form.className = "table-filter";
    form.innerHTML = `<label>${_("Show rows with")} <input type="search" autocomplete="off"></label> <output></output>`;
    const [input, output] = [form.querySelector("input"), form.querySelector("output")];
    const filter = () => {
      const words = input.value.toLowerCase().split(/\s+/);
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
      const shown = rows.filter((row) => !row.hidden).length;
      output.value = _("{shown} of {all}").replace("{shown}", shown).replace("{all}", rows.length);
    };
    input.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    filter();
    (table.closest(".pst-scrollable-table-container") ?? table).before(form);
  }
  document.documentElement.classList.remove("arranging");
});
