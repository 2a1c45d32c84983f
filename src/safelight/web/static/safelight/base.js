/* What every page does by script: htmx sends the token against forged requests; a page from the browser's
   back-forward cache is loaded anew, so that nothing stale and nothing of somebody else's session is shown. */
"use strict";
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  if (token) event.detail.headers["X-CSRFToken"] = token.value;
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
