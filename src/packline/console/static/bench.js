// The bench: one field takes everything, one question at a time, errors stay until they are acknowledged.
import { retime } from "/static/frame.js";
import { beep, buzz, chord } from "/static/bench-sound.js";
import { completed, next as nextQuestion, packages, take } from "/static/bench-order.js";

const bench = document.getElementById("bench");
const words = JSON.parse(bench.dataset.words);
const [field, wrongPanel, place] = ["scan", "wrong", "place"].map((id) => document.getElementById(id));
const show = (id, text) => (document.getElementById(id).textContent = text);
const w = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
const PAUSE = 600; // ms between two looks at a ticket
const PATIENCE = 120000; // ms until a packer is told that no label came

let order = null; // what is on the bench
let prompt = null; // the one question that is open
const errors = []; // not acknowledged yet, the oldest first
let busy = false;

async function ask(path, body) {
  const how = body === undefined ? {} : { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-Packline-Token": bench.dataset.token } };
  let answer;
  try {
    answer = await fetch(path, how);
  } catch {
    throw { message: words.lost, hint: words.lost_hint, lost: true };
  }
  if (answer.status === 401) location.reload();
  const told = await answer.json().catch(() => ({ error: { message: words.lost, hint: words.lost_hint } }));
  if (!answer.ok) throw told.error;
  return told;
}

// ---- what is seen
function element(tag, css, text = "") {
  const made = document.createElement(tag);
  if (css) made.className = css;
  made.textContent = text;
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

const boxName = (n) => w("box_name", { n: n + 1 });
const size = (box) => (box.length_cm ? `${box.length_cm} × ${box.width_cm} × ${box.height_cm} cm, ${box.weight_g} g` : "");

function drawUnits() {
  const rows = order.lines.map((line) => {
    const row = element("li", (line.in >= line.units ? "in " : "") + (line === order.last ? "at" : ""));
    const tick = element("span", "tick");
    tick.append(icon("check"));
    const what = element("span");
    what.append(element("span", "title", line.title || line.sku));
    what.firstChild.dir = "auto";
    if (line.title) what.append(document.createElement("br"), element("span", "id", line.sku));
    const many = element("span", "many", `${line.in} `);
    many.append(element("small", "", `/ ${line.units}`));
    row.setAttribute("aria-label", `${line.title || line.sku}: ${w("units", { n: line.in, all: line.units })}`);
    row.append(tick, what, many);
    return row;
  });
  document.getElementById("lines").replaceChildren(...rows);
  rows.find((row) => row.classList.contains("at"))?.scrollIntoView({ block: "nearest" });
}

function drawBoxes() {
  const shown = order.boxes.map((box, n) => {
    const row = element("li", n === order.at ? "at" : "");
    const units = Object.values(box.lines).reduce((sum, many) => sum + many, 0);
    row.append(element("b", "", `${boxName(n)} · ${units}`), element("span", "", size(box) || "?"));
    row.lastChild.dir = "ltr";
    return row;
  });
  document.getElementById("boxes").replaceChildren(...shown);
}

function draw() {
  const is = errors.length ? "wrong" : !order ? "idle" : prompt?.kind === "ready" ? "ready" : prompt ? "prompt" : "units";
  bench.dataset.state = is;
  document.getElementById("order").hidden = !order;
  wrongPanel.hidden = !errors.length;
  if (errors.length) {
    show("wrong-what", errors[0].message);
    show("wrong-hint", errors[0].hint ?? "");
    document.getElementById("wrong-faults").replaceChildren(...(errors[0].faults ?? []).map((fault) => element("li", "", fault)));
    wrongPanel.focus();
  } else if (document.activeElement !== place) field.focus();
  if (!order) {
    show("ask", words.idle);
    show("hint", words.idle_hint);
    return;
  }
  show("order-name", order.amazon_id);
  show("order-program", order.program);
  const left = document.getElementById("order-left");
  left.replaceChildren();
  if (order.ship_by) {
    const time = element("time");
    time.dateTime = order.ship_by;
    time.dataset.left = "";
    left.append(time);
    retime();
  }
  show("ask", prompt ? prompt.ask : words.scan_units);
  show("hint", prompt ? prompt.hint : words.scan_units_hint);
  drawUnits();
  drawBoxes();
}

function flash() {
  bench.classList.remove("yes");
  void bench.offsetWidth; // begin the animation anew
  bench.classList.add("yes");
}

function wrong(error) {
  errors.push(typeof error === "string" ? { message: error } : { message: error?.message ?? String(error), hint: error?.hint, faults: error?.faults });
  buzz();
  draw();
}

const refuse = (name, values) => wrong({ message: w(name, values), hint: words[`${name}_hint`] ? w(`${name}_hint`, values) : "" });
const news = (text) => show("news", text);

// ---- an order on the bench
async function bring(code) {
  const { sheet } = await ask("/bench/scan", { code, place: place.value });
  if (sheet.is_labeled) {
    remember(sheet.id, sheet.amazon_id);
    return wrong({ message: w("already", { name: sheet.amazon_id }), hint: words.already_hint });
  }
  if (!sheet.can_pack) return wrong({ message: w("not_packable", { name: sheet.amazon_id, status: sheet.status }), hint: sheet.says });
  const lines = sheet.lines.map((line) => ({ ...line, in: 0, scanned: [], asked: {} }));
  order = { ...sheet, lines, boxes_advised: sheet.boxes, boxes: [{ lines: {}, hazmat: [] }], at: 0, last: null, key: newKey() };
  news("");
  beep();
  draw();
  if (sheet.first) tick(sheet.serial || sheet.first);
}

function lineOf(code) {
  const fits = order.lines.filter((line) => line.codes.includes(code) || line.serials.includes(code));
  return fits.find((line) => line.in < line.units) ?? fits[0];
}

function tick(code) {
  const line = lineOf(code);
  if (!line) return refuse("wrong_unit", { code });
  if (line.in >= line.units) return refuse("too_many", { sku: line.title || line.sku });
  order.last = line;
  line.counted = false;
  if (line.needs_serial && line.serials.includes(code)) return takeSerial(line, code);
  if (line.needs_serial) {
    prompt = { kind: "serial", line, ask: w("serial", { sku: line.title || line.sku }), hint: words.serial_hint };
    beep();
    return draw();
  }
  count(line, 1);
}

function takeSerial(line, code) {
  if (order.lines.some((other) => other.scanned.some((unit) => unit.serial === code))) return refuse("serial_twice", { code });
  prompt = null;
  line.scanned.push({ serial: code, box: order.at });
  count(line, 1);
}

function count(line, many) {
  line.in += many;
  const box = order.boxes[order.at];
  box.lines[line.id] = (box.lines[line.id] ?? 0) + many;
  beep();
  flash();
  if (order.lines.every((one) => one.in >= one.units)) {
    completed(order);
    return advance();
  }
  draw();
}

function several(many) {
  const line = order.last;
  if (!line || line.needs_serial || many < 1 || line.in + many - (line.counted ? 0 : 1) > line.units) return refuse("not_number", { code: many });
  // The unit that was scanned counts as the first of those that are typed.
  const more = line.counted ? many : many - 1;
  line.counted = true;
  if (more > 0) count(line, more);
}

function otherBox() {
  if (!order || prompt) return;
  if (!Object.keys(order.boxes[order.at].lines).length) return refuse("nothing_in");
  if (order.boxes.length >= order.packages_at_most) return refuse("boxes_most", { n: order.packages_at_most });
  order.boxes.push({ lines: {}, hazmat: [] });
  order.at = order.boxes.length - 1;
  order.by_hand = true;
  beep();
  draw();
}

function advance() {
  prompt = nextQuestion(order, w, boxName, size);
  draw();
}

async function pack() {
  const [name, id] = [order.amazon_id, order.id];
  busy = true;
  try {
    const { ticket, warnings } = await ask("/bench/pack", { shipment: id, packages: packages(order), key: order.key });
    order = prompt = null;
    chord();
    news([w("packing", { name }), ...warnings].join(" "));
    document.getElementById("today").textContent = Number(document.getElementById("today").textContent) + 1;
    follow(ticket, id, name);
    list();
  } catch (error) {
    if (!error.lost) order.key = newKey(); // another try is another command; after a lost answer it is the same
    wrong(error);
  } finally {
    busy = false;
    draw();
  }
}

// ---- labels
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function follow(ticket, id, name) {
  const until = Date.now() + PATIENCE;
  while (Date.now() < until) {
    await pause(PAUSE);
    const told = await ask(`/bench/tickets/${ticket}`).catch(() => null);
    if (!told?.outcome) continue;
    list();
    if (told.outcome === "succeeded") return print(id, name);
    if (told.outcome === "cancelled") return refuse("cancelled", { name });
    const why = told.problem ? `${told.problem.message} ${told.problem.hint}` : "";
    return wrong({ message: w(told.outcome === "superseded" ? "superseded" : "rejected", { name }), hint: why });
  }
  refuse("unfinished", { name });
}

async function print(id, name) {
  try {
    const made = await ask("/bench/print", { shipment: id });
    if (made.refused.length) wrong({ message: `${name}: ${made.refused[0].why}`, hint: made.refused[0].hint });
    if (made.file) give(made, name);
  } catch (error) {
    wrong(error);
  }
  list();
}

// Without a print agent: the browser prints the PDF (at once, where it was started with --kiosk-printing); ZPL is saved.
function give(made, name) {
  const isPdf = made.media_type === "application/pdf";
  bench.dispatchEvent(new CustomEvent("label", { detail: made, bubbles: true }));
  if (isPdf) {
    document.querySelector("iframe.printing")?.remove();
    const frame = element("iframe", "printing");
    frame.title = made.name;
    frame.addEventListener("load", () => {
      frame.contentWindow?.print();
      field.focus();
    });
    frame.src = made.file;
    bench.append(frame);
  } else {
    const link = element("a");
    link.href = made.file;
    link.download = made.name;
    link.click();
  }
  news(w(!isPdf ? "label_saved" : made.reprinted ? "label_again" : "label_comes", { name }));
  chord();
}

let lastOnes = [];
function remember(id, name) {
  if (!lastOnes.some((one) => one.shipment === id)) lastOnes.unshift({ shipment: id, amazon_id: name, outcome: "succeeded", prints: 1 });
}

async function list() {
  const found = await ask("/bench/last").catch(() => null);
  if (!found) return;
  lastOnes = found.items;
  const rows = lastOnes.map((one, n) => {
    const row = element("li");
    const how = element("span", "how");
    const [text, tone, sign] = !one.outcome ? [words.waiting, "", "clock"]
      : one.outcome !== "succeeded" ? [words.failed, "late", "alert"]
      : one.prints ? [words.printed, "good", "check"] : [words.no_label, "risk", "label"];
    const chip = element("span", `chip ${tone}`);
    chip.append(icon(sign), element("span", "", text));
    how.append(chip);
    if (one.outcome === "succeeded") {
      const again = element("button", "small", words.reprint);
      again.type = "button";
      again.addEventListener("click", () => print(one.shipment, one.amazon_id));
      how.append(again);
    }
    row.append(element("span", "n", `${(n + 1) % 10}`), element("span", "id", one.amazon_id), how);
    return row;
  });
  document.getElementById("last").replaceChildren(...(rows.length ? rows : [element("li", "none", words.nothing_last)]));
}

// ---- what is scanned, typed and pressed
async function entered(code) {
  if (!order && code) {
    busy = true;
    try {
      await bring(code);
    } catch (error) {
      wrong(error);
    } finally {
      busy = false;
    }
    return;
  }
  if (!order) return;
  if (prompt?.kind === "ready") return code ? refuse("wrong_unit", { code }) : pack();
  if (prompt?.kind === "serial") return code ? (order.lines.some((l) => l.codes.includes(code)) ? refuse("not_number", { code }) : takeSerial(prompt.line, code)) : undefined;
  if (prompt) {
    const said = take(prompt, code, order);
    if (said) return refuse(...said);
    beep();
    return advance();
  }
  if (/^\d{1,3}$/.test(code) && order.last && !lineOf(code)) return several(Number(code));
  if (code) tick(code);
}

document.getElementById("scan-form").addEventListener("submit", (sent) => {
  sent.preventDefault();
  const code = field.value.trim();
  field.value = "";
  if (errors.length) return buzz();
  if (!busy) entered(code);
});

function escape() {
  if (errors.length) {
    errors.shift();
    if (errors.length) buzz();
  } else if (field.value) field.value = "";
  else if (prompt?.kind === "serial") prompt = null;
  else if (prompt) {
    const before = order.answered?.pop();
    if (before) before.undo();
    prompt = nextQuestion(order, w, boxName, size);
  }
  draw();
}

const KEYS = {
  Escape: escape,
  F2: otherBox,
  F4: () => lastOnes[0] && print(lastOnes[0].shipment, lastOnes[0].amazon_id),
  F6: () => place.focus(),
  F8: () => {
    order = prompt = null;
    draw();
  },
  F10: () => (location.href = "/"),
};

// On the window, before the frame's keys: while an error stands, a scanner must neither type nor go anywhere.
window.addEventListener("keydown", (key) => {
  const act = KEYS[key.key];
  if (act) {
    key.preventDefault();
    key.stopImmediatePropagation();
    if (key.key === "Escape" || !errors.length) act();
    return;
  }
  const digit = key.altKey && /^Digit\d$/.test(key.code) ? Number(key.code.slice(5)) : null;
  if (digit !== null) {
    key.preventDefault();
    const one = lastOnes[(digit + 9) % 10];
    if (one && !errors.length) print(one.shipment, one.amazon_id);
    return;
  }
  if (errors.length) {
    key.stopImmediatePropagation();
    if (key.key.length === 1 || key.key === "Enter") key.preventDefault();
    if (key.key === "Enter") buzz();
    return;
  }
  if (key.key.length === 1 && !key.ctrlKey && !key.metaKey && document.activeElement === document.body) field.focus();
}, true);

place.addEventListener("change", () => {
  localStorage.setItem("packline-bench", place.value);
  field.focus();
});
const kept = localStorage.getItem("packline-bench");
if ([...place.options].some((option) => option.value === kept)) place.value = kept;
document.addEventListener("focusout", () => setTimeout(() => document.activeElement === document.body && !errors.length && field.focus()));

draw();
list();

// A scanner may be quicker than this script: the browser then asked for the page again, with the code in its address.
const early = new URLSearchParams(location.search).get("scan")?.trim();
if (early) {
  history.replaceState(null, "", location.pathname);
  entered(early);
}
