// Linked views: an area chosen anywhere is chosen in map, chart and table; filter, comparison, address.
"use strict";
(() => {
  const { say, make, announce, german, match, read, tableOf } = SA;
  const space = "http://www.w3.org/2000/svg";
  for (const group of document.querySelectorAll("svg [data-gebiete]"))
    group.dataset.gebiete.split("|").forEach((id, i) => { group.children[i].dataset.gebiet = id; });
  const marks = new Map();
  for (const node of document.querySelectorAll("svg [data-gebiet]")) {
    const id = node.dataset.gebiet;
    if (!marks.has(id)) marks.set(id, []);
    marks.get(id).push(node);
  }
  const names = new Map();
  const rowsOf = new Map();

  // Row of a table -> id of its area: the first cell is the id, begins with it, or ends with it in brackets.
  SA.gebiet = (row) => row.dataset.gebiet;
  const register = (table) => {
    for (const { row, cells } of read(table).rows) {
      const parts = cells[0].shown.split(" ");
      const begins = parts.map((_, n) => parts.slice(0, parts.length - n).join(" "));
      for (const id of [...begins, cells[0].shown.match(/\(([^()]+)\)$/)?.[1]]) {
        if (!marks.has(id)) continue;
        row.dataset.gebiet = id;
        if (!rowsOf.has(id)) rowsOf.set(id, []);
        rowsOf.get(id).push(row);
        break;
      }
    }
  };
  if (marks.size) document.querySelectorAll("table.sa-tabelle").forEach(register);

  const tool = document.querySelector(".sa-werkzeug");
  const main = tool && document.getElementById(tool.dataset.tafel)?.querySelector("table.sa-tabelle");
  const lists = [main, ...document.querySelectorAll("table.sa-tabelle")].filter(Boolean);
  const entries = new Map();
  const entry = (id, table) => {
    if (!entries.has(table))
      entries.set(table, new Map([...read(table).rows].reverse().map((found) => [found.row.dataset.gebiet, found])));
    return entries.get(table).get(id);
  };
  const columns = (table) => read(table).heads.map(({ key }) => key);
  const nameOf = (id) => {
    if (names.has(id)) return names.get(id);
    const table = lists.find((candidate) => entry(id, candidate));
    if (!table) return id;
    const { cells } = entry(id, table), keys = columns(table);
    const word = (key) => (keys.includes(key) ? cells[keys.indexOf(key)].shown : "");
    const own = keys[0] === "name" ? cells[0].shown : word("name");
    const name = [own.startsWith(id) || own.endsWith(`(${id})`) ? own : `${id} ${own}`.trim(), word("kommune")].filter(Boolean).join(", ");
    names.set(id, name);
    return name;
  };
  const describe = (id, table) => {
    const row = table && entry(id, table);
    if (!row) return nameOf(id);
    const facts = read(table).heads.flatMap(({ label, unit, key }, i) => {
      if (!i || key === "name" || key === "kommune") return [];
      const { state, reason, shown } = row.cells[i];
      return [`${label}: ${state ? reason : shown + (unit && unit.length < 14 ? `\u00a0${unit}` : "")}`];
    });
    return `${nameOf(id)} – ${facts.slice(0, 8).join("; ")}`;
  };

  // --- state, and the address that holds it -------------------------------------------------------
  const state = { wahl: [], kommune: "", von: null, bis: null };
  const MOST = 8;
  const listed = (words) => (words ?? "").split(",").map((id) => id.trim()).filter(Boolean);
  const given = listed(new URLSearchParams(location.search).get("gebiete"));
  const write = (chosen) => {
    const parts = new URLSearchParams();
    if (state.wahl.join() !== given.join()) parts.set("a", state.wahl.join(","));
    if (state.kommune) parts.set("k", state.kommune);
    if (state.von != null) parts.set("von", state.von);
    if (state.bis != null) parts.set("bis", state.bis);
    const hash = parts.toString();
    if (hash !== location.hash.slice(1) && (hash || isState(location.hash)))
      history[chosen ? "pushState" : "replaceState"](null, "", hash ? `#${hash}` : location.pathname + location.search);
  };
  const isState = (hash) => /^#(a|k|von|bis)=/.test(hash);
  const limit = (text) => (text != null && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null);
  const restore = () => {
    if (location.hash && !isState(location.hash) && !given.length) return;
    const asked = new URLSearchParams(isState(location.hash) ? location.hash.slice(1) : "");
    const wanted = asked.has("a") ? listed(asked.get("a")) : given;
    const found = wanted.filter((id) => marks.has(id));
    state.wahl = [...new Set(found)].slice(0, MOST);
    state.kommune = towns().includes(asked.get("k")) ? asked.get("k") : "";
    state.von = main ? limit(asked.get("von")) : null;
    state.bis = main ? limit(asked.get("bis")) : null;
    if (wanted.length > found.length)
      announce(say("unbekannt", { gebiete: wanted.filter((id) => !marks.has(id)).join(", ") }));
    show(false);
  };

  const townColumn = () => (main ? columns(main).indexOf("kommune") : -1);
  const towns = () => {
    const at = townColumn();
    return at < 0 ? [] : [...new Set(read(main).rows.map(({ cells }) => cells[at].shown))];
  };
  const fits = ({ cells }) => {
    const at = townColumn(), value = cells[columns(main).indexOf(tool.dataset.wert)];
    if (state.kommune && cells[at].shown !== state.kommune) return false;
    if (state.von == null && state.bis == null) return true;
    if (!value || value.value == null) return false;
    return (state.von == null || value.value >= state.von) && (state.bis == null || value.value <= state.bis);
  };

  // --- showing --------------------------------------------------------------------------------------
  const outline = (node, width, colour, kind) => {
    const copy = SA.shape(node).cloneNode(false);
    for (const name of ["data-gebiet", "role", "tabindex", "aria-label", "aria-pressed", "id"]) copy.removeAttribute(name);
    const look = { fill: "none", stroke: colour, "stroke-width": width, "stroke-linejoin": "round", class: kind, "pointer-events": "none", "aria-hidden": "true" };
    for (const [key, value] of Object.entries(look)) copy.setAttribute(key, value);
    return copy;
  };
  const overlay = (svg) => {
    let layer = svg.querySelector(":scope > .sa-auflage");
    if (!layer) {
      layer = document.createElementNS(space, "g");
      layer.setAttribute("class", "sa-auflage");
      layer.setAttribute("aria-hidden", "true");
      svg.append(layer);
    }
    return layer;
  };
  const isMap = (node) => Boolean(node.closest("svg.sa-karte"));
  const ink = getComputedStyle(document.documentElement).getPropertyValue("--sa-tinte") || "#1f2933";
  // What a reader chose is a step that Back undoes; what the address said is none.
  const show = (step = true) => {
    const chosen = new Set(state.wahl);
    let fitting = null;
    if (main && (state.kommune || state.von != null || state.bis != null)) {
      fitting = new Set();
      for (const entry of read(main).rows) if (fits(entry)) fitting.add(entry.row.dataset.gebiet);
    }
    document.querySelectorAll(".sa-auflage").forEach((layer) => layer.querySelectorAll(".sa-wahl").forEach((n) => n.remove()));
    for (const [id, nodes] of marks) {
      for (const node of nodes) {
        node.classList.toggle("sa-an", chosen.has(id));
        node.classList.toggle("sa-aus", Boolean(fitting && !fitting.has(id) && !chosen.has(id)));
        if (node.hasAttribute("aria-pressed")) node.setAttribute("aria-pressed", String(chosen.has(id)));
        if (!chosen.has(id)) continue;
        if (isMap(node)) overlay(node.ownerSVGElement).append(outline(node, 9, "#fff", "sa-wahl"), outline(node, 5, ink, "sa-wahl"));
      }
    }
    for (const [id, rows] of rowsOf)
      for (const row of rows) {
        row.classList.toggle("sa-an", chosen.has(id));
        row.hidden = Boolean(fitting && row.closest("table") === main && !fitting.has(id) && !chosen.has(id));
      }
    details.forEach((update) => update());
    frames.forEach((frame) => tell(frame.contentWindow));
    panel(fitting);
    write(step);
  };

  // A map in a frame is told which areas are chosen, and tells which one was clicked.
  const frames = [...document.querySelectorAll("iframe.sa-rahmen")];
  const tell = (frame) => frame?.postMessage({ wahl: state.wahl }, "*");
  const keys = new Map(frames.map((frame) => [frame, SA.legend(frame.closest("figure"))]));
  addEventListener("message", ({ source, data }) => {
    const frame = frames.find((one) => one.contentWindow === source);
    if (!frame) return;
    if (marks.has(data?.gebiet)) toggle(data.gebiet);
    else if (Array.isArray(data?.farben)) keys.get(frame)(data.farben.map(([id, fill]) => [nameOf(id), fill]));
    else tell(source);
  });

  const toggle = (id) => {
    const there = state.wahl.includes(id);
    if (!there && state.wahl.length >= MOST) {
      announce(say("zu_viele", { anzahl: MOST }));
      return;
    }
    state.wahl = there ? state.wahl.filter((other) => other !== id) : [...state.wahl, id];
    show();
    const list = tableFor(marks.get(id)?.[0]);
    announce(there ? say("abgewaehlt", { gebiet: nameOf(id) }) : say("gewaehlt", { gebiet: describe(id, list) }));
  };
  const clear = () => {
    if (!state.wahl.length) return;
    state.wahl = [];
    show();
    announce(say("geleert"));
  };
  const tableFor = (node) => {
    const figure = node?.closest("figure");
    return (figure && tableOf(figure)) || main;
  };

  // --- pointer and keyboard -----------------------------------------------------------------------
  const details = [];
  const line = (figure) => {
    if (!figure.querySelector("svg [data-gebiet]")) return;
    const note = make("p", { class: "sa-detail" });
    figure.querySelector(".sa-bild").after(note);
    const table = tableOf(figure) ?? main;
    const mark = SA.legend(figure), named = (id) => (state.wahl.length > 1 ? id : nameOf(id));
    const spotted = (id) => {
      const node = marks.get(id)?.find((own) => figure.contains(own));
      return node ? [[named(id), SA.painted(node), node.querySelector("title")?.textContent]] : [];
    };
    const hint = figure.querySelector("svg.sa-karte [data-gebiet]") ? say(matchMedia("(pointer: coarse)").matches ? "hinweis_finger" : "hinweis_wahl") : "";
    const update = (id) => {
      const shown = id ?? state.wahl.at(-1);
      const here = shown && marks.get(shown)?.some((node) => figure.contains(node));
      note.textContent = here ? describe(shown, table) : hint;
      note.classList.toggle("sa-leise", !here);
      mark([...new Set([...state.wahl, id])].flatMap(spotted));
    };
    details.push(update);
    figure.addEventListener("pointerover", ({ target }) => update(target.closest?.("[data-gebiet]")?.dataset.gebiet));
    figure.addEventListener("pointerleave", () => update());
    figure.addEventListener("focusin", ({ target }) => update(target.dataset?.gebiet));
    update();
  };
  document.querySelectorAll("figure.sa-abb").forEach(line);
  document.addEventListener("click", (event) => {
    const { target } = event;
    const node = SA.meant(event, "svg [data-gebiet]");
    if (node) toggle(node.dataset.gebiet);
    const row = target.closest?.("tbody tr[data-gebiet]");
    if (row && !target.closest("a, button, input") && !String(getSelection())) toggle(row.dataset.gebiet);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.target.closest?.("details[open] .sa-laden, input")) clear();
  });

  // One stop of the tab key per map; arrows walk to the neighbour in that direction.
  const walkable = (svg) => {
    const nodes = [...svg.querySelectorAll("[data-gebiet]")];
    if (!nodes.length) return;
    svg.setAttribute("role", "group");
    for (const part of svg.children) if (!part.querySelector("[data-gebiet]") && !/^(title|desc)$/.test(part.tagName)) part.setAttribute("aria-hidden", "true");
    const table = tableFor(svg);
    let middles;
    const centres = () => middles ??= new Map(nodes.map((node) => {
      const box = node.getBBox();
      return [node, [box.x + box.width / 2, box.y + box.height / 2]];
    }));
    for (const node of nodes) {
      node.setAttribute("role", "button");
      node.setAttribute("tabindex", node === nodes[0] ? "0" : "-1");
      node.setAttribute("aria-pressed", String(state.wahl.includes(node.dataset.gebiet)));
      node.setAttribute("aria-label", describe(node.dataset.gebiet, table));
    }
    const go = (node) => {
      svg.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
      node.setAttribute("tabindex", "0");
      node.focus();
    };
    svg.addEventListener("keydown", (event) => {
      const here = event.target.closest("[data-gebiet]");
      if (!here) return;
      if (event.key === "Enter" || event.key === " ") {
        toggle(here.dataset.gebiet);
        event.preventDefault();
        return;
      }
      if (event.key === "Home" || event.key === "End") {
        go(nodes.at(event.key === "Home" ? 0 : -1));
        event.preventDefault();
        return;
      }
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!way) return;
      event.preventDefault();
      const [x, y] = centres().get(here);
      let best = null, least = Infinity;
      for (const [node, [u, v]] of centres()) {
        const along = (u - x) * way[0] + (v - y) * way[1];
        const across = Math.abs((u - x) * way[1]) + Math.abs((v - y) * way[0]);
        if (node === here || along <= 0 || across > 2.5 * along) continue;
        const cost = along + 2 * across;
        if (cost < least) [best, least] = [node, cost];
      }
      if (best) go(best);
    });
    // On the drawing itself these two would make it a stop of the tab key.
    svg.parentElement.addEventListener("focusin", ({ target }) => {
      const node = target.closest("[data-gebiet]");
      svg.querySelectorAll(".sa-fokus").forEach((old) => old.remove());
      if (node?.matches(":focus-visible"))
        overlay(svg).append(outline(node, 10, "#fff", "sa-fokus"), outline(node, 6, "#b3480a", "sa-fokus"));
    });
    svg.parentElement.addEventListener("focusout", () => svg.querySelectorAll(".sa-fokus").forEach((old) => old.remove()));
  };
  // Until the tab key comes to it a map is one picture; then its areas become buttons, the first of them is reached.
  const onDemand = (svg) => {
    const first = svg.querySelector("[data-gebiet]");
    if (!first) return;
    svg.setAttribute("tabindex", "0");
    const wake = ({ target }) => {
      if (target !== svg || !svg.matches(":focus-visible")) return;
      frame.removeEventListener("focusin", wake);
      walkable(svg);
      first.focus();
      svg.removeAttribute("tabindex");
    };
    const frame = svg.parentElement; // listening on the drawing itself would keep it a stop of the tab key
    frame.addEventListener("focusin", wake);
  };
  document.querySelectorAll("svg.sa-karte").forEach((svg) => { if (svg.checkVisibility?.() ?? true) onDemand(svg); });

  // --- tools: choose by name, filter, compare -----------------------------------------------------
  let panel = () => {};
  const build = () => {
    const field = (id, label, control) => make("div", { class: "sa-feld" }, make("label", { for: id }, label), control);
    const ids = [...rowsOf.keys()];
    const options = ids.map((id) => make("option", { value: nameOf(id) }));
    const place = make("input", { id: "sa-ort", type: "search", list: "sa-orte", autocomplete: "off" });
    const problem = make("p", { class: "sa-hilfe", role: "status" });
    const choose = () => {
      const typed = place.value.trim();
      if (!typed) return;
      const ranked = ids.map((id) => [match(typed, [nameOf(id), id, ...nameOf(id).split(/[ ,]+/)]), id]).sort(([a], [b]) => a - b);
      const [rank, id] = ranked[0] ?? [Infinity];
      problem.textContent = rank < Infinity ? "" : say("kein_treffer");
      if (rank === Infinity) return;
      if (!state.wahl.includes(id)) toggle(id);
      place.value = "";
    };
    place.addEventListener("change", choose);
    const town = make("select", { id: "sa-kommune" }, make("option", { value: "" }, say("alle")), ...towns().map((name) => make("option", { value: name }, name)));
    town.addEventListener("change", () => { state.kommune = town.value; show(); told(); });
    const bound = (id) => {
      const input = make("input", { id, type: "text", inputmode: "decimal", size: 8, autocomplete: "off" });
      input.addEventListener("change", () => {
        const value = input.value.trim() ? SA.number(input.value) : null;
        input.setAttribute("aria-invalid", String(Boolean(input.value.trim()) && value == null));
        state[id === "sa-von" ? "von" : "bis"] = value;
        show();
        told();
      });
      return input;
    };
    const from = bound("sa-von"), to = bound("sa-bis");
    const count = make("p", { class: "sa-hilfe" });
    const told = () => announce(count.textContent);
    const reset = make("button", { type: "button", class: "sa-leise-knopf" }, say("zuruecksetzen"));
    reset.addEventListener("click", () => {
      Object.assign(state, { wahl: [], kommune: "", von: null, bis: null });
      show();
      announce(say("geleert"));
    });
    const copy = make("button", { type: "button", class: "sa-leise-knopf" }, say("link"));
    copy.addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(location.href); announce(say("link_kopiert")); } catch { announce(say("link_adresse")); }
    });
    const unit = read(main).heads[columns(main).indexOf(tool.dataset.wert)]?.unit;
    const withUnit = (key) => say(key) + (unit ? ` (${unit})` : "");
    tool.querySelector(".sa-felder").append(
      make("div", { class: "sa-felderreihe" },
        field("sa-ort", say("ort"), place), make("datalist", { id: "sa-orte" }, ...options),
        field("sa-kommune", tool.dataset.kommune, town),
        field("sa-von", withUnit("von"), from), field("sa-bis", withUnit("bis"), to)),
      problem, make("p", { class: "sa-knoepfe" }, reset, copy), count);
    const box = make("div", { class: "sa-vergleich sa-tafel" });
    tool.append(box);
    tool.hidden = false;
    panel = (fitting) => {
      town.value = state.kommune;
      if (document.activeElement !== from) from.value = state.von == null ? "" : german(state.von);
      if (document.activeElement !== to) to.value = state.bis == null ? "" : german(state.bis);
      reset.hidden = copy.hidden = !(state.wahl.length || fitting);
      const all = read(main).rows.length;
      count.textContent = fitting ? say("gefiltert_auf", { anzahl: german(fitting.size), alle: german(all) }) : "";
      compare(box);
    };
  };
  // The live page of what is shown here; none where pages are read from a drive.
  const liveAddress = () => {
    if (!location.protocol.startsWith("http")) return null;
    if (location.pathname.startsWith("/live/")) return new URL(location.href);
    const link = document.querySelector(".sa-interaktiv a");
    return link && new URL(link.href);
  };
  const compare = (box) => {
    box.replaceChildren();
    const found = state.wahl.map((id) => entry(id, main)).filter(Boolean);
    if (!found.length) return;
    const { heads, mark } = read(main);
    const title = say("vergleich", { anzahl: german(found.length) });
    const numeric = heads.map(({ numeric: yes }, i) => (yes ? `sa-z${i + 1}` : "")).join(" ");
    const head = make("tr", {}, ...heads.map(({ label, unit, key }) =>
      make("th", { scope: "col", "data-k": key }, label, unit ? make("span", { class: "sa-einheit" }, unit) : null)));
    const rows = found.map(({ row }) => {
      const copy = row.cloneNode(true);
      copy.hidden = false;
      copy.className = "";
      return copy;
    });
    const caption = make("caption", {}, make("span", {}, make("strong", {}, title), mark ? " " : null, mark ? make("span", { class: "sa-marke" }, mark) : null));
    const table = make("table", { class: `sa-tabelle ${numeric}` }, caption, make("thead", {}, head), make("tbody", {}, ...rows));
    box.append(make("div", { class: "sa-rolle", role: "group", tabindex: "0", "aria-label": title }, table));
    const live = liveAddress();
    if (live) {
      live.searchParams.set("gebiete", state.wahl.join(","));
      live.hash = "gebietevergleich";
      box.append(make("p", {}, make("a", { href: live.href, rel: "nofollow" }, say("mehr"))));
    }
    if (tool.dataset.region) box.append(make("p", { class: "sa-fuss" }, tool.dataset.region));
    SA.offer?.(box);
  };
  if (main && marks.size) build();
  addEventListener("hashchange", restore);
  const later = SA.ready;
  SA.ready = () => { later(); restore(); };
})();
