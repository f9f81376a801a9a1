// Ground of the page scripts: words, tables read as data, one voice for announcements, menu, sorting.
// Pages are complete without scripts; these add linking, filtering and files. No library, no request.
"use strict";
window.SA = (() => {
  const words = window.SA_WORTE ?? JSON.parse(document.getElementById("sa-worte")?.textContent || "{}");
  const say = (key, values = {}) =>
    (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  const make = (name, attributes = {}, ...inner) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === false || value == null) continue;
      if (typeof value === "function") node.addEventListener(key, value);
      else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...inner.filter((part) => part != null));
    return node;
  };

  // Outlines that several drawings share stand in the first of them: the path of an area, and a drawing with all of its own.
  const shape = (node) => {
    const path = node.querySelector("path") ?? node, there = path.getAttribute("href");
    return there ? document.getElementById(there.slice(1)) : path;
  };
  const whole = (drawing) => {
    for (const use of drawing.querySelectorAll("use")) {
      if (drawing.querySelector(`[id="${use.getAttribute("href").slice(1)}"]`)) continue;
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", shape(use).getAttribute("d"));
      for (const { name, value } of use.attributes) if (name !== "href") path.setAttribute(name, value);
      path.append(...use.childNodes);
      use.replaceWith(path);
    }
    return drawing;
  };

  // What a tap means: a finger is wider than many areas, so a small one nearby is meant rather than the large one around it.
  const FINGER = 24;
  const meant = (event, choice) => {
    const hit = event.target.closest?.(choice);
    const drawing = event.target.closest?.("svg");
    if (event.pointerType !== "touch" || !drawing) return hit;
    const size = (node) => node.getBoundingClientRect();
    const small = ({ width, height }) => Math.min(width, height) < FINGER;
    if (hit && small(size(hit))) return hit;
    let best = hit, least = FINGER / 2;
    for (const node of drawing.querySelectorAll(choice)) {
      const box = size(node);
      if (!small(box)) continue;
      const beside = (at, low, high) => Math.max(low - at, 0, at - high);
      const away = Math.hypot(beside(event.clientX, box.left, box.right), beside(event.clientY, box.top, box.bottom));
      if (away < least) [best, least] = [node, away];
    }
    return best;
  };

  const voice = make("p", { role: "status", class: "sa-vorlesen" });
  (document.querySelector("main") ?? document.body).append(voice);
  let speaking;
  const announce = (sentence) => {
    clearTimeout(speaking);
    voice.textContent = "";
    speaking = setTimeout(() => { voice.textContent = sentence; }, 60);
  };

  // German number as shown -> number; null where there is none.
  const number = (shown) => {
    const plain = shown.replace(/[.\s\u00a0]/g, "").replace("\u2212", "-").replace(",", ".");
    return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
  };
  const german = (value, places = null) =>
    value.toLocaleString("de-DE", places == null ? {} : { minimumFractionDigits: places, maximumFractionDigits: places })
      .replace("-", "\u2212");

  // Spelling does not matter for finding: case, umlauts, sharp s, hyphens.
  const fold = (phrase) =>
    phrase.toLowerCase().replace(/ß/g, "ss").replace(/ae|ä/g, "a").replace(/oe|ö/g, "o").replace(/ue|ü/g, "u")
      .normalize("NFKD").replace(/[^a-z0-9]/g, "");
  const distance = (a, b) => {
    let row = [...Array(b.length + 1).keys()];
    for (let i = 1; i <= a.length; i += 1) {
      const next = [i];
      for (let j = 1; j <= b.length; j += 1)
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      row = next;
    }
    return row[b.length];
  };
  // How well a name answers what was typed: 0 best, Infinity not at all.
  const match = (typed, names) => {
    const asked = fold(typed);
    if (!asked) return 0;
    const known = new Set(names.flatMap((name) => [name, ...name.split(/[\s,–-]+/)]).map(fold).filter(Boolean));
    return Math.min(...[...known].map((name) => {
      if (name === asked) return 0;
      if (/^\d+$/.test(asked)) return name.startsWith(asked) ? 1 : Infinity;
      if (name.startsWith(asked)) return 1;
      if (name.includes(asked)) return 2;
      const wrong = distance(asked, name.slice(0, asked.length + 1));
      return asked.length > 3 && wrong <= (asked.length > 6 ? 2 : 1) ? 2 + wrong : Infinity;
    }), Infinity);
  };

  // A table of the page as data, read once: headings, and cells with value, sign and reason of a gap.
  const known = new WeakMap();
  const read = (table) => {
    if (known.has(table)) return known.get(table);
    const heads = [...table.tHead.rows[0].cells].map((cell, i) => {
      const unit = cell.querySelector(".sa-einheit")?.textContent ?? "";
      const label = cell.textContent.slice(0, cell.textContent.length - unit.length);
      const numeric = table.classList.contains(`sa-z${i + 1}`) || cell.classList.contains("sa-zahl");
      return { key: cell.dataset.k ?? label, label, unit, numeric };
    });
    const plain = [...table.tBodies[0].rows].filter((row) => row.cells.length === heads.length);
    const rows = plain.map((row) => ({
      row,
      cells: [...row.cells].map((cell, i) => {
        const state = cell.dataset.s ?? "";
        const shown = state ? cell.firstElementChild.textContent : cell.textContent;
        const value = state === "null_exakt" ? 0 : !state && heads[i].numeric ? number(shown) : null;
        return { state, shown, value, reason: state ? cell.lastElementChild.textContent : "" };
      }),
    }));
    const caption = table.caption;
    const found = {
      table, heads, rows,
      title: caption?.querySelector("strong")?.textContent ?? "",
      mark: caption?.querySelector(".sa-marke")?.textContent ?? "",
    };
    known.set(table, found);
    return found;
  };
  // The table that lists what a figure shows: its own, or the one it links to.
  const tableOf = (figure) =>
    (figure.dataset.tafel ? document.getElementById(figure.dataset.tafel) : figure)?.querySelector("table.sa-tabelle");

  const sortable = (table) => {
    const found = read(table);
    if (found.rows.length < 6 || table.querySelector(".sa-zwischen")) return;
    const order = new Intl.Collator("de", { numeric: true }).compare;
    const start = found.rows.map(({ row }) => row);
    [...table.tHead.rows[0].cells].forEach((cell, i) => {
      const button = make("button", { type: "button", class: "sa-sortieren" }, ...cell.childNodes);
      cell.append(button);
      button.addEventListener("click", () => {
        const down = cell.getAttribute("aria-sort") === "ascending";
        const back = cell.getAttribute("aria-sort") === "descending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        if (back) {
          table.tBodies[0].append(...start);
          announce(say("sortiert_nicht"));
          return;
        }
        cell.setAttribute("aria-sort", down ? "descending" : "ascending");
        const known = found.rows.filter(({ cells }) => !found.heads[i].numeric || cells[i].value != null);
        const gaps = found.rows.filter((entry) => !known.includes(entry));
        known.sort((a, b) => (down ? -1 : 1) * (found.heads[i].numeric
          ? a.cells[i].value - b.cells[i].value : order(a.cells[i].shown, b.cells[i].shown)));
        table.tBodies[0].append(...[...known, ...gaps].map(({ row }) => row));
        announce(say(down ? "sortiert_ab" : "sortiert_auf", { spalte: found.heads[i].label }));
      });
    });
  };

  const menu = () => {
    const folds = [...document.querySelectorAll(".sa-menue")];
    addEventListener("click", (event) => {
      for (const fold of folds) if (!fold.contains(event.target)) fold.open = false;
    });
    for (const fold of folds)
      fold.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || !fold.open) return;
        fold.open = false;
        fold.querySelector("summary").focus();
        event.stopPropagation();
      });
  };

  // A list of links becomes a search: typing narrows it, Enter opens the best.
  const search = (block) => {
    const items = [...block.querySelectorAll("li[data-n]")].map((node) =>
      ({ node, names: node.dataset.n.split("|"), link: node.querySelector("a") }));
    const list = items[0]?.node.parentElement;
    if (!list) return;
    const fold = block.querySelector("details");
    const instead = block.querySelector(".sa-vorwahl");
    const id = `${block.id}-feld`;
    const note = make("p", { class: "sa-hilfe", role: "status" });
    const field = make("input", { type: "search", id, autocomplete: "off", spellcheck: "false" });
    const found = () => {
      const typed = field.value.trim();
      const ranked = items.map((item) => ({ ...item, rank: match(typed, item.names) }));
      const hits = ranked.filter(({ rank }) => rank < Infinity);
      hits.sort((a, b) => a.rank - b.rank);
      for (const { node } of items) node.hidden = true;
      const shown = typed ? hits.slice(0, 12) : hits;
      for (const { node, names, rank } of shown) {
        node.hidden = false;
        list.append(node);
        // Found by another name or a postcode: which one stands beside it.
        const other = typed && match(typed, names.slice(0, 1)) > rank && names.find((name) => match(typed, [name]) === rank);
        node.querySelector(".sa-treffer")?.remove();
        if (other) node.append(make("span", { class: "sa-mehr sa-treffer" }, other));
      }
      if (fold) fold.open = Boolean(typed);
      note.textContent = typed ? say(hits.length ? "treffer" : instead ? "kein_ort" : "kein_treffer", { anzahl: german(hits.length) }) : "";
      if (instead) instead.hidden = !typed || Boolean(hits.length);
      if (fold && typed && !hits.length) fold.open = false;
      return shown;
    };
    field.addEventListener("input", found);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && field.value.trim()) { const [best] = found(); best?.link.click(); }
      if (event.key === "ArrowDown") { found()[0]?.link.focus(); event.preventDefault(); }
      if (event.key === "Escape") { field.value = ""; found(); }
    });
    list.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const links = [...list.querySelectorAll("li:not([hidden]) a")];
      const next = links[links.indexOf(document.activeElement) + step];
      (next ?? (step < 0 ? field : null))?.focus();
    });
    const label = make("label", { for: id }, say("suche"));
    block.querySelector(".sa-suchfeld").append(label, field, note);
  };

  // The map of the start page: an area tapped shows a card with what the list says of it; without script it is a link.
  const cards = (figure) => {
    const entries = new Map([...document.querySelectorAll("li[data-ort]")].map((node) => [node.dataset.ort, node]));
    const card = make("div", { class: "sa-karteikarte", role: "status" });
    const mark = legend(figure);
    for (const area of figure.querySelectorAll("a[data-ort]")) {
      const entry = entries.get(area.dataset.ort), name = document.createElementNS("http://www.w3.org/2000/svg", "title");
      name.textContent = entry ? [entry.querySelector("a").textContent, entry.dataset.k?.split("|")[0]].filter(Boolean).join(": ") : area.dataset.ort;
      area.prepend(name);
    }
    figure.querySelector(".sa-bild").after(card);
    // The address holds the area, so that Back undoes a tap and comes back to it from a profile.
    const show = () => {
      const id = new URLSearchParams(location.hash.slice(1)).get("ort");
      const entry = entries.get(id);
      const areas = [...figure.querySelectorAll("a[data-ort]")], own = entry && areas.find((area) => area.dataset.ort === id);
      for (const area of areas) area.classList.toggle("sa-an", area === own);
      own?.parentElement.append(own); // above its neighbours
      mark(own ? [[entry.querySelector("a").textContent, painted(own)]] : []);
      if (!entry) {
        card.replaceChildren(make("p", { class: "sa-hilfe" }, say("weg_hinweis")));
        return;
      }
      const link = entry.querySelector("a").cloneNode(true), more = entry.querySelector(".sa-mehr");
      const facts = (entry.dataset.k ?? "").split("|").filter(Boolean);
      card.replaceChildren(make("p", {}, make("strong", {}, link.textContent), more ? `, ${more.textContent}` : ""),
        make("ul", {}, ...facts.map((fact) => make("li", {}, fact))));
      link.textContent = say("weg_profil");
      card.append(make("p", {}, link));
    };
    figure.addEventListener("click", (event) => {
      const id = meant(event, "a[data-ort]")?.dataset.ort;
      if (!entries.has(id) || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const hash = `#${new URLSearchParams({ ort: id })}`;
      if (hash !== location.hash) history.pushState(null, "", hash);
      show();
      card.scrollIntoView({ block: "nearest" });
    });
    addEventListener("popstate", show);
    show();
  };

  // The classes of a legend of bars, and the mark on those of chosen areas: an area and its class have the same fill.
  const patternless = (fill) => /^url\(.*(-[a-z]\d*)\)$/.exec(fill ?? "")?.[1] ?? fill;
  const painted = (node) => {
    const fill = (node.matches("a") ? node.querySelector("[fill]") : node.closest("[fill]"))?.getAttribute("fill") ?? "";
    const striped = /^url\(#(.*-u\d+)\)$/.exec(fill);
    return striped ? document.getElementById(striped[1])?.querySelector("rect")?.getAttribute("fill") : fill;
  };
  const legend = (figure) => {
    const steps = [...(figure?.querySelectorAll(".sa-legende li") ?? [])].flatMap((item) => {
      const field = item.querySelector("svg.sa-balken rect");
      if (!field) return [];
      const words = item.lastElementChild.textContent.replace(/ \([\d.]+\)(, .*)?$/, "");
      const note = make("span", { class: "sa-darunter" });
      item.lastElementChild.append(note);
      return [{ item, note, words, fill: patternless(field.getAttribute("fill")) }];
    });
    // Two classes of one colour differ in the words that an area says of itself.
    return (chosen) => {
      for (const step of steps) step.names = [];
      for (const [name, fill, said = ""] of chosen) {
        const same = steps.filter((step) => step.fill === patternless(fill));
        (same.find(({ words }) => said.includes(words)) ?? same[0])?.names.push(name);
      }
      for (const { item, note, names } of steps) {
        item.classList.toggle("sa-hier", names.length > 0);
        note.textContent = names.length ? say("darunter", { gebiete: names.join(", ") }) : "";
      }
    };
  };

  // The list of chapters is open where it takes one line; a link into a fold opens it.
  const contents = () => {
    const list = document.querySelector(".sa-inhalt");
    if (list && matchMedia("(min-width: 60rem)").matches) { list.querySelector("details").open = true; list.dataset.offen = ""; }
    const reveal = () => {
      const shut = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("[data-zu]");
      if (shut) shut.querySelector(".sa-aufklappen").click();
      const aim = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      for (let fold = aim && aim.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      if (aim && aim.closest("details")) aim.scrollIntoView();
    };
    addEventListener("hashchange", reveal);
    reveal();
  };

  // On a phone a page of many charts of one kind shows the first; of the others the message, and the chart on demand.
  const MANY = 4;
  const shorten = () => {
    const charts = [...document.querySelectorAll("main figure:has(> .sa-bild > svg.sa-lage)")];
    if (charts.length <= MANY || !matchMedia("(max-width: 40rem)").matches) return;
    for (const chart of charts.slice(1)) {
      const title = chart.querySelector(".sa-titel");
      const button = make("button", { type: "button", class: "sa-aufklappen", "aria-expanded": "false" }, ...title.childNodes);
      title.append(button);
      chart.dataset.zu = "";
      button.addEventListener("click", () => {
        const shut = chart.toggleAttribute("data-zu");
        button.setAttribute("aria-expanded", String(!shut));
      });
    }
  };

  // A table wider than its frame fades out on the right until its end is in sight.
  const wide = (frame) => {
    const tell = () => frame.toggleAttribute("data-weiter", frame.scrollWidth - frame.clientWidth - frame.scrollLeft > 8);
    frame.addEventListener("scroll", tell, { passive: true });
    new ResizeObserver(tell).observe(frame);
  };

  const ready = () => {
    const live = location.protocol === "file:" && document.querySelector(".sa-interaktiv");
    if (live) (live.parentElement.children.length > 1 ? live : live.parentElement).remove();
    menu();
    shorten();
    contents();
    document.querySelectorAll("table.sa-tabelle").forEach(sortable);
    document.querySelectorAll(".sa-suche").forEach(search);
    document.querySelectorAll(".sa-rolle").forEach(wide);
    for (const map of document.querySelectorAll("figure:has(a[data-ort])")) cards(map);
  };
  return { say, make, meant, announce, number, german, fold, match, read, tableOf, shape, whole, legend, painted, sortable, ready };
})();
