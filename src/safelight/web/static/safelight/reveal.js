/* Hold to see. While a control with data-hold is held, by pointer, by Space or Enter on it, or by its single key, the
   part of a picture that it names is shown; on letting go it is taken off the page and the service is told. The service
   alone decides what is sent, filters it, and counts the seconds. Nothing is kept: pictures live in one object URL. */
"use strict";
(() => {
  const panel = document.querySelector(".media[data-reveal]");
  if (!panel) return;
  const form = panel.querySelector(".looking");
  const said = panel.querySelector(".said");
  if (!form) return;
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const held = { now: null };

  const say = (text) => { said.textContent = text; };

  const tell = (look) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", token);
    if (look) body.set("look", look);
    fetch(panel.dataset.hide, { method: "POST", body, keepalive: true, credentials: "same-origin" }).catch(() => {});
  };

  const draw = (svg, url, region) => {
    const view = svg.viewBox.baseVal;
    const [left, top, right, bottom] = region;
    const image = document.createElementNS("http://www.w3.org/2000/svg", "image");
    const place = { x: left * view.width, y: top * view.height, width: (right - left) * view.width, height: (bottom - top) * view.height };
    for (const [name, value] of Object.entries(place)) image.setAttribute(name, value);
    image.setAttribute("href", url);
    image.setAttribute("class", "revealed");
    const whole = svg.dataset.what === "item";
    image.setAttribute("preserveAspectRatio", whole ? "none" : "xMidYMid meet");
    svg.append(image);
    return image;
  };

  const stop = () => {
    const hold = held.now;
    if (!hold) return;
    held.now = null;
    hold.over = true;
    clearTimeout(hold.timer);
    hold.control.classList.remove("held");
    if (hold.image) hold.image.remove();
    if (hold.url) URL.revokeObjectURL(hold.url);
    if (hold.stage) hold.stage.hidden = true;
    if (hold.look) { tell(hold.look); say("Covered."); }
  };

  const start = async (control) => {
    stop();
    const hold = { control, over: false };
    held.now = hold;
    control.classList.add("held");
    const body = new FormData(form);
    body.set("csrfmiddlewaretoken", token);
    body.set("what", control.dataset.what);
    if (control.dataset.region) body.set("region", control.dataset.region);
    if (control.dataset.time) body.set("time", control.dataset.time);
    say("Asking …");
    let response;
    try {
      response = await fetch(panel.dataset.reveal, { method: "POST", body, credentials: "same-origin", cache: "no-store", headers: { Accept: "image/jpeg" } });
    } catch {
      say("The service does not answer.");
      return;
    }
    if (response.headers.get("HX-Redirect")) {
      window.location.assign(response.headers.get("HX-Redirect"));
      return;
    }
    if (!response.ok) {
      say(response.headers.get("Content-Type").startsWith("text/plain") ? await response.text() : "This is not shown.");
      return;
    }
    const look = response.headers.get("X-Look");
    if (hold.over) {
      response.body.cancel();
      tell(look);
      say("Covered.");
      return;
    }
    hold.look = look;
    const data = await response.blob();
    if (hold.over) return;
    hold.url = URL.createObjectURL(data);
    const svg = panel.querySelector(`.sight[data-what="${CSS.escape(control.dataset.what)}"]`) || panel.querySelector(".sight");
    hold.stage = svg.parentElement.hidden ? svg.parentElement : null;
    if (hold.stage) hold.stage.hidden = false;
    hold.image = draw(svg, hold.url, control.dataset.region ? JSON.parse(control.dataset.region) : [0, 0, 1, 1]);
    hold.timer = setTimeout(stop, 1000 * Number(response.headers.get("X-Look-Seconds")));
    say("Shown while you hold.");
  };

  const control = (target) => target.closest && target.closest("[data-hold]");
  const writes = (target) => target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=range])");

  document.addEventListener("pointerdown", (event) => {
    const found = control(event.target);
    if (found && event.isPrimary && event.button === 0) start(found);
  });
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, stop);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    let found = [" ", "Enter"].includes(event.key) ? control(event.target) : null;
    if (!found && !writes(event.target) && document.querySelector("script[src*='keys']")) {
      found = panel.querySelector(`[data-hold][data-key="${CSS.escape(event.key)}"]`);
    }
    if (!found) return;
    event.preventDefault();
    if (!event.repeat) start(found);
  });
  document.addEventListener("keyup", stop);
  document.addEventListener("contextmenu", (event) => { if (control(event.target) || held.now) event.preventDefault(); });
  window.addEventListener("blur", stop);
  document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); });
  window.addEventListener("pagehide", () => { stop(); });
})();
