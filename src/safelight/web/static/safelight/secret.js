/* What is shown once can be copied by a button, where the browser lets a page write to the clipboard. */
"use strict";
for (const button of navigator.clipboard ? document.querySelectorAll(".fresh [data-copy]") : []) {
  const card = button.closest(".fresh");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const said = card.querySelector("[role=status]");
    try {
      await navigator.clipboard.writeText(card.querySelector("code").textContent);
      said.textContent = "Copied.";
    } catch {
      said.textContent = "This browser does not let it be copied: select it instead.";
    }
  });
}
