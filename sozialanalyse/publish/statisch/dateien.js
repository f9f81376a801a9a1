// Files at each figure and table, made in the browser from what the page shows: XLSX, CSV, SVG, PNG, GeoJSON.
"use strict";
(() => {
  const { say, make, read, tableOf, announce } = SA;

  const save = (name, type, ...parts) => {
    const link = make("a", { href: URL.createObjectURL(new Blob(parts, { type })), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    announce(say("gespeichert", { datei: name }));
  };
  const safe = (words) => (/^[=+\-@\t\r]/.test(words) ? `'${words}` : words);
  const foot = (block) => [...block.querySelectorAll(":scope > .sa-fuss")].at(-1)?.textContent ?? "";
  const slug = (title) =>
    title.toLowerCase().replace(/ä/g, "ae").replace(/ö/g, "oe").replace(/ü/g, "ue").replace(/ß/g, "ss")
      .normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "_").slice(0, 48).replace(/^_+|_+$/g, "") || "daten";

  // Rows of the sheet: numbers stay numbers, a gap is its sign, the reason stands in the next column.
  const grid = (found, technical) => {
    const rows = found.rows.filter(({ row }) => !row.hidden);
    const gaps = found.heads.map((_, i) => rows.some(({ cells }) => cells[i].state));
    const head = [], body = rows.map(() => []);
    found.heads.forEach((column, i) => {
      head.push(technical ? column.key : column.unit ? `${column.label} (${column.unit})` : column.label);
      rows.forEach(({ cells }, r) => {
        const { state, value, shown } = cells[i];
        const gap = state && state !== "null_exakt";
        body[r].push(gap ? (technical ? "" : shown) : column.numeric && value != null ? value : shown);
      });
      if (!gaps[i]) return;
      head.push(technical ? `${column.key}_status` : say("grund", { spalte: head.at(-1) }));
      rows.forEach(({ cells }, r) => body[r].push(technical ? cells[i].state || "wert" : cells[i].reason));
    });
    if (technical && found.heads[0].key !== "gebiet_id" && rows[0]?.row.dataset.gebiet) {
      head.unshift("gebiet_id");
      body.forEach((row, r) => row.unshift(rows[r].row.dataset.gebiet ?? ""));
    }
    if (found.mark) {
      head.push(technical ? "hinweis" : say("hinweis"));
      body.forEach((row) => row.push(found.mark));
    }
    return [head, ...body];
  };

  const csv = (found, technical) => {
    const mark = technical ? "," : ";";
    const signs = new Set(found.rows.flatMap(({ cells }) => cells.filter((c) => c.state && c.value == null).map((c) => c.shown)));
    const cell = (value, r) => {
      if (typeof value === "number") return technical ? String(value) : String(value).replace(".", ",");
      const words = !technical && r && signs.has(value) ? "" : technical ? value : safe(value);
      return /["\r\n;,]/.test(words) ? `"${words.replace(/"/g, '""')}"` : words;
    };
    const lines = grid(found, technical).map((row, r) => row.map((value) => cell(value, r)).join(mark));
    return (technical ? "" : "\ufeff") + lines.join("\r\n") + "\r\n";
  };

  // --- workbook: the smallest valid one, in a ZIP without compression ---------------------------
  const xml = (words) => String(words).replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, "");
  const column = (i) => (i > 25 ? column(Math.floor(i / 26) - 1) : "") + String.fromCharCode(65 + (i % 26));
  const sheet = (rows) => {
    const widths = rows[0].map((_, c) => Math.min(60, 2 + Math.max(...rows.map((row) => String(row[c] ?? "").length))));
    const cells = (row, r) => row.map((value, c) => {
      const place = `${column(c)}${r + 1}`;
      if (typeof value === "number") return `<c r="${place}"><v>${value}</v></c>`;
      return value === "" || value == null ? "" : `<c r="${place}" t="inlineStr"${r ? "" : ' s="1"'}><is><t xml:space="preserve">${xml(value)}</t></is></c>`;
    }).join("");
    return '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
      + '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
      + `<cols>${widths.map((w, i) => `<col min="${i + 1}" max="${i + 1}" width="${w}" customWidth="1"/>`).join("")}</cols>`
      + `<sheetData>${rows.map((row, r) => `<row r="${r + 1}">${cells(row, r)}</row>`).join("")}</sheetData></worksheet>`;
  };
  const workbook = (sheets) => {
    const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const pack = "http://schemas.openxmlformats.org/package/2006";
    const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    const names = Object.keys(sheets);
    const head = '<?xml version="1.0" encoding="UTF-8"?>';
    return zip({
      "[Content_Types].xml": `${head}<Types xmlns="${pack}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/>${names.map((_, i) => `<Override PartName="/xl/worksheets/sheet${i + 1}.xml" ContentType="${type}.worksheet+xml"/>`).join("")}</Types>`,
      "_rels/.rels": `${head}<Relationships xmlns="${pack}/relationships"><Relationship Id="r1" Type="${rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
      "xl/workbook.xml": `${head}<workbook xmlns="${main}" xmlns:r="${rel}"><sheets>${names.map((name, i) => `<sheet name="${xml(name)}" sheetId="${i + 1}" r:id="r${i + 1}"/>`).join("")}</sheets></workbook>`,
      "xl/_rels/workbook.xml.rels": `${head}<Relationships xmlns="${pack}/relationships">${names.map((_, i) => `<Relationship Id="r${i + 1}" Type="${rel}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join("")}<Relationship Id="s" Type="${rel}/styles" Target="styles.xml"/></Relationships>`,
      "xl/styles.xml": `${head}<styleSheet xmlns="${main}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`,
      ...Object.fromEntries(names.map((name, i) => [`xl/worksheets/sheet${i + 1}.xml`, sheet(sheets[name])])),
    });
  };
  const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k += 1) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n >>> 0;
  });
  const zip = (files) => {
    const coder = new TextEncoder(), parts = [], index = [];
    let offset = 0;
    const record = (signature, fields) => {
      const view = new DataView(new ArrayBuffer(4 + fields.reduce((sum, [size]) => sum + size, 0)));
      view.setUint32(0, signature, true);
      let at = 4;
      for (const [size, value] of fields) {
        if (size === 2) view.setUint16(at, value, true); else view.setUint32(at, value, true);
        at += size;
      }
      return new Uint8Array(view.buffer);
    };
    for (const [name, content] of Object.entries(files)) {
      const data = coder.encode(content), path = coder.encode(name);
      let crc = ~0;
      for (const byte of data) crc = crcTable[(crc ^ byte) & 255] ^ (crc >>> 8);
      const common = [[2, 20], [2, 2048], [2, 0], [2, 0], [2, 33], [4, ~crc >>> 0], [4, data.length], [4, data.length], [2, path.length], [2, 0]];
      parts.push(record(0x04034b50, common), path, data);
      index.push(record(0x02014b50, [[2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]), path);
      offset += 30 + path.length + data.length;
    }
    const size = index.reduce((sum, part) => sum + part.length, 0), n = index.length / 2;
    return [...parts, ...index, record(0x06054b50, [[2, 0], [2, 0], [2, n], [2, n], [4, size], [4, offset], [2, 0]])];
  };
  const xlsx = (found, block) => {
    const signs = new Map(found.rows.flatMap(({ cells }) => cells.filter((c) => c.state).map((c) => [c.shown, c.reason])));
    const hidden = found.rows.filter(({ row }) => row.hidden).length;
    const notes = ["luecken", "zahlen", "klein"].map((key) => [say(`notiz_${key}`)]);
    if (hidden) notes.unshift([say("gefiltert", { anzahl: hidden })]);
    if (found.mark) notes.unshift([found.mark]);
    const facts = [[say("titel"), found.title], [say("quelle"), foot(block)], [say("seite"), document.title], [say("adresse"), location.protocol === "file:" ? "" : location.href]];
    return workbook({
      [say("daten")]: grid(found, false),
      [say("lesehinweise")]: [[say("hinweis")], ...notes],
      [say("metadaten")]: [[say("angabe"), say("inhalt")], ...facts.filter(([, value]) => value)],
      [say("symbole")]: [[say("zeichen"), say("bedeutung")], ...signs],
    });
  };

  // --- figures ----------------------------------------------------------------------------------
  const space = "http://www.w3.org/2000/svg";
  const wrap = (words, length) => words.split(" ").reduce((lines, word) => {
    if ((lines.at(-1) + word).length > length) lines.push("");
    lines[lines.length - 1] += `${lines.at(-1) ? " " : ""}${word}`;
    return lines;
  }, [""]);
  // Drawing with title, legend and source, as one SVG that needs no stylesheet.
  const drawing = (figure) => {
    const source = figure.querySelector("svg.sa-eine, svg.sa-breit");
    const box = source.viewBox.baseVal, width = box.width, scale = width / 760;
    const root = document.createElementNS(space, "svg");
    const put = (words, x, y, size, bold) => {
      const node = document.createElementNS(space, "text");
      node.textContent = words;
      for (const [key, value] of Object.entries({ x, y, "font-size": size * scale, "font-weight": bold ? 650 : 400 })) node.setAttribute(key, value);
      root.append(node);
    };
    let y = 8 * scale;
    for (const line of wrap(figure.querySelector(".sa-titel").textContent, 68)) put(line, 8 * scale, y += 20 * scale, 17, true);
    const under = figure.querySelector(".sa-untertitel");
    if (under) put(under.textContent, 8 * scale, y += 20 * scale, 13);
    const inner = SA.whole(source.cloneNode(true));
    inner.querySelectorAll(".sa-auflage").forEach((node) => node.remove());
    for (const [key, value] of Object.entries({ x: 0, y: y + 10 * scale, width, height: box.height })) inner.setAttribute(key, value);
    root.append(inner);
    y += box.height + 14 * scale;
    for (const item of figure.querySelectorAll(".sa-legende li")) {
      const field = item.querySelector("svg")?.cloneNode(true), wide = field?.viewBox.baseVal.width ?? 0;
      if (field) {
        for (const [key, value] of Object.entries({ x: 8 * scale, y: y + 2 * scale, width: wide * scale, height: 18 * scale })) field.setAttribute(key, value);
        root.append(field);
      }
      const words = item.lastElementChild.cloneNode(true);
      words.querySelector(".sa-darunter")?.remove();
      put(words.textContent, (wide ? wide + 16 : 8) * scale, (y += 20 * scale) - 4 * scale, 13);
    }
    for (const line of wrap(foot(figure), 110)) put(line, 8 * scale, y += 18 * scale, 12);
    const height = y + 10 * scale;
    const attributes = { xmlns: space, viewBox: `0 0 ${width} ${height}`, width, height, "font-family": source.getAttribute("font-family"), fill: source.getAttribute("fill") };
    for (const [key, value] of Object.entries(attributes)) root.setAttribute(key, value);
    const paper = document.createElementNS(space, "rect");
    for (const [key, value] of Object.entries({ width, height, fill: "#fff" })) paper.setAttribute(key, value);
    root.prepend(paper);
    return { text: new XMLSerializer().serializeToString(root), width, height };
  };
  const png = (figure, name) => {
    const { text, width, height } = drawing(figure), picture = new Image(), factor = 2000 / width;
    picture.onload = () => {
      const canvas = make("canvas", { width: 2000, height: Math.round(height * factor) });
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => save(`${name}.png`, "image/png", blob), "image/png");
    };
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  };

  // Corners of the drawn areas back to degrees; "lage" holds a polynomial of second order for each axis.
  const rings = (path, place) => path.match(/M[^Mz]+z/g).map((ring) => {
    const [x, y, ...steps] = ring.match(/-?\d+/g).map(Number);
    let at = [x, y];
    const corners = [at];
    for (let i = 0; i + 1 < steps.length; i += 2) corners.push(at = [at[0] + steps[i], at[1] + steps[i + 1]]);
    return [...corners, corners[0]].map(place);
  });
  const area = (ring) => ring.reduce((sum, [x, y], i) => sum + (ring[i + 1] ? x * ring[i + 1][1] - ring[i + 1][0] * y : 0), 0);
  const inside = ([x, y], ring) => ring.reduce((odd, [x1, y1], i) => {
    const [x2, y2] = ring[i + 1] ?? ring[0];
    return (y1 > y) !== (y2 > y) && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1 ? !odd : odd;
  }, false);
  const polygons = (path, place) => {
    const sorted = rings(path, place).sort((a, b) => Math.abs(area(b)) - Math.abs(area(a)));
    const out = [];
    for (const ring of sorted) {
      const around = out.find(([outer]) => inside(ring[0], outer));
      const hole = Boolean(around);
      if (area(ring) > 0 === hole) ring.reverse();
      if (hole) around.push(ring); else out.push([ring]);
    }
    return out;
  };
  const geojson = (svg, found) => {
    const lage = JSON.parse(svg.dataset.lage);
    const place = ([x, y]) => lage.map((c) => {
      const [u, v] = [x / 1000 - 0.5, y / 1000 - 0.5];
      return Number((c[0] + c[1] * u + c[2] * v + c[3] * u * u + c[4] * u * v + c[5] * v * v).toFixed(5));
    });
    const paths = new Map([...svg.querySelectorAll("[data-gebiet]")].map((node) => [node.dataset.gebiet, SA.shape(node).getAttribute("d")]));
    const features = found.rows.map(({ row, cells }) => {
      const id = SA.gebiet(row), path = paths.get(id);
      const properties = { id };
      found.heads.forEach(({ key, numeric }, i) => {
        properties[key] = numeric ? cells[i].value : cells[i].shown;
        if (cells[i].state) properties[`${key}_status`] = cells[i].state;
      });
      if (found.mark) properties.hinweis = found.mark;
      const shape = path ? { type: "MultiPolygon", coordinates: polygons(path, place) } : null;
      return { type: "Feature", id, geometry: shape, properties };
    });
    return JSON.stringify({ type: "FeatureCollection", name: found.title, features });
  };

  // --- the list of files below each figure and table ----------------------------------------------
  const offer = (block) => {
    const table = block.matches("figure") ? tableOf(block) : block.querySelector("table.sa-tabelle");
    if (!table) return;
    const svg = block.querySelector("svg.sa-eine, svg.sa-breit");
    const found = read(table);
    const title = block.querySelector(".sa-titel")?.textContent ?? found.title;
    const name = slug(title);
    const entries = [
      ["xlsx", () => save(`${name}.xlsx`, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ...xlsx(found, block))],
      ["csv", () => save(`${name}.csv`, "text/csv;charset=utf-8", csv(found, false))],
      ["csv_technisch", () => save(`${name}_technisch.csv`, "text/csv;charset=utf-8", csv(found, true))],
    ];
    if (svg) entries.push(
      ["svg", () => save(`${name}.svg`, "image/svg+xml", drawing(block).text)],
      ["png", () => png(block, name)],
    );
    if (svg?.dataset.lage) entries.push(["geojson", () => save(`${name}.geojson`, "application/geo+json", geojson(svg, found))]);
    const buttons = entries.map(([key, act]) => make("li", {}, make("button", { type: "button", click: act }, say(key))));
    const hidden = make("span", { class: "sa-vorlesen" }, `: ${title}`);
    const menu = make("details", { class: "sa-laden" }, make("summary", {}, say("laden"), hidden), make("ul", {}, ...buttons));
    const note = [...block.querySelectorAll(":scope > .sa-fuss")].at(-1);
    if (note) note.after(menu); else block.append(menu);
  };
  SA.offer = offer;
  document.querySelectorAll("figure.sa-abb, .sa-tafel").forEach(offer);
  SA.ready();
})();
