// Small helper of the live pages: says what is going on, warns before an unused page loses its controls,
// reloads the waiting page, mends the names of controls that the widget library leaves nameless.
"use strict";
(() => {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  // Waiting page: try again by itself, unless the reader prefers calm or says stop.
  const waiting = document.querySelector("[data-neuladen]");
  if (waiting && !calm) {
    const timer = setTimeout(() => location.reload(), 1000 * Number(waiting.dataset.neuladen));
    const stop = waiting.querySelector(".sv-anhalten");
    stop.hidden = false;
    stop.querySelector("button").addEventListener("click", () => {
      clearTimeout(timer);
      stop.remove();
      waiting.querySelector(".sv-warten").textContent = waiting.dataset.angehalten;
    });
  }

  // Door to a live page: who comes from one of our pages has pressed a button there already.
  const door = document.querySelector("[data-tuer] form");
  const [way] = performance.getEntriesByType("navigation");
  if (door && way?.type === "navigate" && document.referrer.startsWith(location.origin + "/")) door.submit();

  const state = document.getElementById("sv-stand");
  if (!state) return;
  const say = (words) => { state.textContent = words; };
  const config = document.getElementById("jupyter-config-data");
  let leaving = false;
  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  const done = () => say(document.querySelector(".sv-fehler") ? state.dataset.fehler : state.dataset.fertig);
  if (!config) {
    done();
    return;
  }
  say(state.dataset.bedienung);
  const kernel = `/api/kernels/${JSON.parse(config.textContent).kernelId}`;

  // A closed connection may be a bad line or an ended kernel; only the latter is final. A page that is being
  // left closes it, too, shortly before it is gone.
  const ended = async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (leaving) return;
    const answer = await fetch(kernel).catch(() => null);
    if (!answer || answer.status !== 404 || state.dataset.ende) return;
    state.dataset.ende = "ja";
    note.remove();
    say(state.dataset.beendet + " ");
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = state.dataset.neu;
    again.addEventListener("click", () => location.reload());
    state.append(again);
    state.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  };

  // A page that is not used is warned before its place may go to somebody else, and can be kept.
  const note = document.createElement("p");
  note.className = "sa-hinweis sa-hinweis-warnung";
  note.setAttribute("role", "alert");
  const keep = document.createElement("button");
  keep.type = "button";
  keep.textContent = state.dataset.behalten;
  keep.addEventListener("click", async () => {
    const answer = await fetch(`${kernel}/behalten`, { method: "POST" }).catch(() => null);
    if (answer?.ok) used();
  });
  let timer;
  const warn = () => {
    if (state.dataset.ende) return;
    note.replaceChildren(state.dataset.unbenutzt + " ", keep);
    state.after(note);
    note.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  };
  const used = () => {
    note.remove();
    clearTimeout(timer);
    timer = setTimeout(warn, 1000 * (Number(state.dataset.untaetig) - Number(state.dataset.warnung)));
  };

  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...args) {
      super(...args);
      this.addEventListener("close", ended);
    }
    send(data) {
      used();
      super.send(data);
    }
  };

  const boxes = ".widget-radio, .widget-toggle-buttons, .widget-inline-hbox, .widget-inline-vbox";
  const labelOf = (part) => part.closest(boxes)?.querySelector(":scope > .widget-label");
  const mend = (root) => {
    for (const slider of root.querySelectorAll(".noUi-handle:not([aria-label])")) {
      const label = labelOf(slider);
      if (label?.textContent) slider.setAttribute("aria-label", label.textContent);
    }
    for (const group of root.querySelectorAll(".widget-radio-box:not([aria-label]), .widget-toggle-buttons > div:not([aria-label])")) {
      const label = labelOf(group);
      group.setAttribute("role", "group");
      if (label?.textContent) group.setAttribute("aria-label", label.textContent);
    }
    for (const number of root.querySelectorAll(".widget-readout[contenteditable=true]:not([aria-label])")) {
      const label = labelOf(number);
      number.setAttribute("role", "textbox");
      if (label?.textContent) number.setAttribute("aria-label", label.textContent);
    }
    for (const header of root.querySelectorAll(".jupyter-widget-Collapse-header")) {
      const open = header.parentElement.classList.contains("jupyter-widget-Collapse-open");
      if (header.getAttribute("aria-expanded") !== String(open)) header.setAttribute("aria-expanded", String(open));
      if (header.hasAttribute("role")) continue;
      header.setAttribute("role", "button");
      header.tabIndex = 0;
      header.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        header.click();
      });
    }
    for (const toggle of root.querySelectorAll(".jupyter-button.widget-toggle-button")) {
      const pressed = String(toggle.classList.contains("mod-active"));
      if (toggle.getAttribute("aria-pressed") !== pressed) toggle.setAttribute("aria-pressed", pressed);
    }
    for (const titled of root.querySelectorAll("[title='null']")) titled.removeAttribute("title");
  };
  const cells = document.querySelector(".sv-zellen");
  // What a control chooses also stands in the address, if the form of the page offers the same words.
  cells.addEventListener("change", ({ target }) => {
    const words = target.closest(".sv-widget") && target.selectedOptions?.[0]?.textContent.replaceAll("\u00a0", " ");
    if (!words) return;
    const same = ({ textContent, parentElement: { label } }) =>
      words === (label ? `${textContent}, ${label}` : textContent).replaceAll("\u00a0", " ");
    const option = [...document.querySelectorAll(".sa-auswahl option")].find(same);
    if (!option) return;
    const field = option.closest("select"), address = new URL(location.href);
    field.value = option.value;
    address.searchParams.set(field.name, option.value);
    history.replaceState(null, "", address);
  });
  const places = cells.querySelectorAll(".sv-widget");
  const ready = () => [...places].every((place) => place.querySelector(".jupyter-widgets"));
  new MutationObserver(() => {
    mend(cells);
    if (!state.dataset.bereit && ready()) {
      state.dataset.bereit = "ja";
      done();
    }
  }).observe(cells, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
})();
