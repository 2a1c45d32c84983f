
"use strict";
// Sorting and filtering of the list. The page is complete without this script; nothing here makes HTML from text.
(() => {
  const table = document.getElementById("table");
  if (!table) return;
  const byId = (id) => document.getElementById(id);
  const collator = new Intl.Collator("en", { numeric: true });
  const cell = { path: 1, status: 3, type: 4 };
  const files = [...table.tBodies].map((body, place) => ({ body, place, searched: null }));

  const numeric = (file, key) => (file.body.dataset[key] === undefined ? null : Number(file.body.dataset[key]));
  const textual = (file, key) => file.body.rows[0].cells[cell[key]].textContent;

  function sort(key, direction) {
    const value = key in cell ? textual : numeric;
    const keyed = files.map((file) => ({ file, value: value(file, key) }));
    keyed.sort((a, b) => {
      // Files without a value stay last in both directions; equal ones keep the order of the report.
      if (a.value === null || b.value === null) {
        return (a.value === null) - (b.value === null) || a.file.place - b.file.place;
      }
      const order = key in cell ? collator.compare(a.value, b.value) : a.value - b.value;
      return direction * order || a.file.place - b.file.place;
    });
    table.append(...keyed.map((entry) => entry.file.body));
  }

  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const ascending = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      sort(head.dataset.key, ascending ? 1 : -1);
    });
  }

  function fits(file, outcome, status, words) {
    const { dataset } = file.body;
    if ((outcome && dataset.outcome !== outcome) || (status && dataset.status !== status)) return false;
    if (!words.length) return true;
    file.searched ??= file.body.textContent.toLowerCase();
    return words.every((word) => file.searched.includes(word));
  }

  function filter() {
    const outcome = byId("by-outcome").value;
    const status = byId("by-status").value;
    const words = byId("by-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const file of files) {
      file.body.hidden = !fits(file, outcome, status, words);
      if (!file.body.hidden) shown += 1;
    }
    byId("nothing").hidden = shown > 0;
    const number = (n) => n.toLocaleString("en");
    byId("tally").textContent = `${number(shown)} of ${number(files.length)} files listed`;
  }

  let pause = 0;
  byId("by-text").addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(filter, 120);
  });
  byId("by-outcome").addEventListener("change", filter);
  byId("by-status").addEventListener("change", filter);
  byId("controls").addEventListener("submit", (event) => event.preventDefault());

  byId("unfold").addEventListener("click", (event) => {
    const open = event.target.getAttribute("aria-pressed") !== "true";
    event.target.setAttribute("aria-pressed", String(open));
    event.target.textContent = open ? "Close all details" : "Open all details";
    for (const file of files) {
      if (!file.body.hidden) file.body.querySelector("details").open = open;
    }
  });

  const mosaics = byId("mosaics");
  if (mosaics) {
    const show = () => table.classList.toggle("mosaics", mosaics.checked);
    mosaics.addEventListener("change", show);
    // A page that comes back from the browser's memory starts with mosaics off again.
    window.addEventListener("pageshow", () => {
      mosaics.checked = false;
      show();
    });
  }

  byId("controls").hidden = false;
  filter();
})();
