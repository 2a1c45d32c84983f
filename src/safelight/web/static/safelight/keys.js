/* Single keys: a key acts on the control that names it in data-key, or chooses in a decision (data-choice).
   They do nothing while somebody writes, or with another key held. */
"use strict";
(() => {
  const writes = (target) => target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=range])");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || writes(event.target)) return;
    const key = CSS.escape(event.key);
    const choice = document.querySelector(`.decision [data-choice="${key}"]`);
    if (choice) {
      choice.checked = true;
      choice.form.querySelector("[data-send]").focus();
      event.preventDefault();
      return;
    }
    const control = document.querySelector(`[data-key="${key}"]:not([data-hold])`);
    if (control) {
      event.preventDefault();
      control.click();
    }
  });
})();
