
"use strict";
// Sorting and filtering of the list. The page is complete without this script; nothing here makes HTML from text.
document.documentElement.classList.add("scripted");
document.addEventListener("DOMContentLoaded", () => {
  const byId = (id) => document.getElementById(id);
  const table = byId("table");
  if (!table) return;
  const step = Number(table.dataset.step); // files laid out at a time
  const number = new Intl.NumberFormat("en");
  const collator = new Intl.Collator("en", { numeric: true });
  const heads = [...table.tHead.rows[0].cells];
  const textCell = { path: 1, status: 3, type: 4 }; // the columns sorted by their text, and where they are
  const files = [...table.tBodies].map((body, place) => ({ body, place, searched: null }));
  const choices = [["outcome", byId("by-outcome")], ["status", byId("by-status")], ["made", byId("by-level")]]
    .filter(([, list]) => list);
  let ordered = files;
  let most = step;

  function sort(key, direction) {
    const at = textCell[key];
    const value = ({ body }) => (at ? body.rows[0].cells[at].textContent : Number(body.dataset[key] ?? NaN));
    const compare = at ? collator.compare : (a, b) => a - b;
    const keyed = files.map((file) => ({ file, value: value(file) }));
    keyed.sort((a, b) => {
      // Files without a value stay last in both directions; equal ones keep the order of the report.
      const absent = Number.isNaN(a.value) - Number.isNaN(b.value);
      const order = Number.isNaN(a.value) || Number.isNaN(b.value) ? 0 : compare(a.value, b.value);
      return absent || direction * order || a.file.place - b.file.place;
    });
    ordered = keyed.map((entry) => entry.file);
    table.append(...ordered.map((file) => file.body));
  }

  function fits(file, wanted, words) {
    if (!wanted.every(([name, value]) => file.body.dataset[name] === value)) return false;
    if (!words.length) return true;
    file.searched ??= file.body.textContent.toLowerCase();
    return words.every((word) => file.searched.includes(word));
  }

  function show() {
    const wanted = choices.map(([name, list]) => [name, list.value]).filter(([, value]) => value);
    const words = byId("by-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    let fitting = 0;
    for (const file of ordered) {
      const fit = fits(file, wanted, words);
      file.body.hidden = !fit || fitting >= most;
      fitting += fit;
    }
    const hidden = Math.max(0, fitting - most);
    byId("nothing").hidden = fitting > 0;
    byId("more").hidden = hidden === 0;
    byId("more").textContent = `Show ${number.format(Math.min(step, hidden))} more`;
    byId("tally").textContent =
      `${number.format(fitting)} of ${number.format(files.length)} files` +
      (hidden ? `, the first ${number.format(most)} shown` : "");
  }

  function showFromTop() {
    most = step;
    show();
  }

  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const ascending = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      sort(head.dataset.key, ascending ? 1 : -1);
      showFromTop();
    });
  }

  let pause = 0;
  byId("by-text").addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(showFromTop, 120);
  });
  for (const [, list] of choices) list.addEventListener("change", showFromTop);
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  byId("more").addEventListener("click", () => {
    most += step;
    show();
  });
  window.addEventListener("beforeprint", () => {
    most = Infinity;
    show();
  });

  byId("unfold").addEventListener("click", ({ target }) => {
    const open = target.getAttribute("aria-pressed") !== "true";
    target.setAttribute("aria-pressed", String(open));
    for (const { body } of files) {
      if (!open || !body.hidden) body.querySelector("details").open = open;
    }
  });

  // A link to a family opens it.
  function openLinked() {
    const family = byId(location.hash.slice(1));
    if (family?.classList.contains("family")) family.open = true;
  }
  window.addEventListener("hashchange", openLinked);
  openLinked();

  const mosaics = byId("mosaics");
  if (mosaics) {
    const toggle = () => table.classList.toggle("mosaics", mosaics.checked);
    mosaics.addEventListener("change", toggle);
    // A page that comes back from the browser's memory starts with mosaics off again.
    window.addEventListener("pageshow", () => {
      mosaics.checked = false;
      toggle();
    });
  }

  byId("controls").hidden = false;
  show();
  document.documentElement.classList.replace("scripted", "ready");
});
