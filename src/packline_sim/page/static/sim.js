// The simulator's page: looks again every second and presses the control API's buttons. No library, no build.
"use strict";

const EVERY_MS = 1000;
const SLOW_MS = 2000;
const underWay = new Set();
const told = document.querySelector("[data-told]");
const pulse = document.querySelector("[data-pulse]");
let pressed = false;
let looking = false;

// Telling what happened: good news fade, errors stay until they were seen.

function tell(text, isError, hint) {
  const line = document.createElement("div");
  line.className = isError ? "toast error" : "toast";
  if (isError) line.setAttribute("role", "alert");
  line.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (hint) line.append(Object.assign(document.createElement("span"), { className: "quiet", textContent: hint }));
  const close = Object.assign(document.createElement("button"), { type: "button", textContent: "Seen", className: "small" });
  close.addEventListener("click", () => line.remove());
  if (isError) line.append(close);
  else setTimeout(() => line.remove(), 3500);
  told.append(line);
  while (told.children.length > 4) told.firstElementChild.remove();
}

// What takes long, such as a day with many buyers, says so until it is over, and is not begun twice.
async function call(what, body, done) {
  const name = `${what} ${body}`;
  if (underWay.has(name)) return null;
  underWay.add(name);
  const line = Object.assign(document.createElement("div"), { className: "toast", textContent: "This takes a while; the simulator answers nothing else meanwhile." });
  const slow = setTimeout(() => told.append(line), SLOW_MS);
  try {
    return await callOnce(what, body, done);
  } finally {
    clearTimeout(slow);
    line.remove();
    underWay.delete(name);
  }
}

async function callOnce(what, body, done) {
  const [method, path] = what.split(" ");
  let answer;
  try {
    const sends = body !== undefined && method !== "GET" && method !== "DELETE";
    answer = await fetch(path, { method, body: sends ? body : undefined, headers: { "content-type": "application/json" } });
  } catch {
    tell("The simulator does not answer.", true, "Is it still running? Start it with packline sim serve.");
    return null;
  }
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const fields = (content.errors || []).map((one) => `${one.pointer}: ${one.detail}`).join("; ");
    tell(`${content.title || answer.status}: ${content.detail || ""}`, true, fields || content.hint);
    return null;
  }
  if (done) tell(done, false);
  await look(true);
  return content;
}

// Looking again: what changed is put in place; focus, selection and what is under the pointer stay.

async function look(now) {
  if (looking || (document.hidden && !now) || (pressed && !now)) return;
  looking = true;
  const slow = setTimeout(() => {
    pulse.dataset.state = "wait";
    pulse.title = "What is shown is old: the simulator takes long to answer";
  }, SLOW_MS);
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.status >= 500) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (isOther(fresh) && (now || !isTyping())) return loadAnew();
    for (const part of fresh.querySelectorAll("[data-live]")) {
      const old = document.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
      if (old) put(old, part);
    }
    pulse.dataset.state = "yes";
    pulse.title = "The page is up to date";
  } catch {
    pulse.dataset.state = "no";
    pulse.title = "What is shown is old: the simulator does not answer, or with an error";
  } finally {
    clearTimeout(slow);
    looking = false;
  }
}

// Another world, or what was open is not there any more: forms offer what is gone, so the whole page is loaded anew.

function isOther(fresh) {
  const mark = (page) => page.querySelector("[data-world]")?.dataset.world;
  return fresh.title !== document.title || mark(fresh) !== mark(document);
}

function loadAnew() {
  const lines = [...told.querySelectorAll(".toast:has(span)")].map((line) => [line.firstChild.textContent, line.matches(".error"), line.querySelector(".quiet")?.textContent]);
  sessionStorage.setItem("sim-told", JSON.stringify(lines));
  location.reload();
}

function tellAgain() {
  for (const line of JSON.parse(sessionStorage.getItem("sim-told") || "[]")) tell(...line);
  sessionStorage.removeItem("sim-told");
}

function isTyping(part = document) {
  const at = document.activeElement;
  return Boolean(at) && part.contains(at) && at.matches("input, select, textarea");
}

function isBusy(part) {
  return isTyping(part) || part.querySelector("details[open]") !== null;
}

function put(old, fresh) {
  if (old.innerHTML === fresh.innerHTML || isBusy(old)) return;
  const rows = old.matches("[data-rows]") ? old : old.querySelector("[data-rows]");
  const freshRows = fresh.matches("[data-rows]") ? fresh : fresh.querySelector("[data-rows]");
  if (rows && freshRows) return putRows(rows, freshRows);
  const focus = keyOfFocus(old);
  old.replaceChildren(...document.importNode(fresh, true).childNodes);
  giveFocus(old, focus);
}

function putRows(old, fresh) {
  const byKey = new Map([...old.children].map((row) => [row.dataset.row, row]));
  const keys = [...fresh.children].map((row) => row.dataset.row);
  const holds = old.matches(":hover") || old.contains(document.activeElement);
  let waiting = 0;
  let last = null;
  for (const row of fresh.children) {
    const own = byKey.get(row.dataset.row);
    if (!own && holds && byKey.size && !byKey.has("none")) {
      waiting += 1;
      continue;
    }
    let placed = own;
    if (!own) {
      placed = document.importNode(row, true);
      placed.classList.add("new");
    } else if (own.innerHTML !== row.innerHTML && !isBusy(own)) {
      const focus = keyOfFocus(own);
      own.replaceChildren(...document.importNode(row, true).childNodes);
      giveFocus(own, focus);
    }
    if (!holds || !own) {
      const next = last ? last.nextSibling : old.firstChild;
      if (placed !== next) old.insertBefore(placed, next);
    }
    last = placed;
  }
  const wanted = new Set(keys);
  for (const [key, row] of byKey) {
    if (wanted.has(key)) row.classList.remove("gone");
    else if (holds && key !== "none") row.classList.add("gone");
    else row.remove();
  }
  tellWaiting(waiting);
}

function tellWaiting(count) {
  const place = document.querySelector("[data-fresh]");
  if (!place) return;
  place.hidden = count === 0;
  place.textContent = count ? `${count} new, shown when the pointer leaves the list` : "";
}

function keyOfFocus(part) {
  const at = document.activeElement;
  return at && part.contains(at) ? at.dataset.focus || at.dataset.call || null : null;
}

function giveFocus(part, key) {
  if (!key) return;
  const found = [...part.querySelectorAll("button")].find((one) => (one.dataset.focus || one.dataset.call) === key);
  const next = found || part.querySelector("button");
  if (next) next.focus({ preventScroll: true });
}

// Buttons, fields and forms.

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.more"));
  const copied = event.target.closest("[data-copy]");
  if (copied) return copy(copied.dataset.copy);
  if (event.target.closest("[data-theme-switch]")) return switchTheme();
  const button = event.target.closest("button[data-call]");
  if (!button || (button.dataset.sure && !confirm(button.dataset.sure))) return;
  event.target.closest("details.more")?.removeAttribute("open");
  call(button.dataset.call, button.dataset.body, button.dataset.done);
});

document.addEventListener("change", async (event) => {
  const field = event.target.closest("[data-change]");
  if (!field) return;
  if (!field.checkValidity()) {
    tell(`Nothing was changed. ${field.validationMessage}`, true);
    return putBack(field);
  }
  const value = field.matches("[data-text]") ? field.value : Number(field.value);
  const done = await call(field.dataset.change, JSON.stringify({ [field.dataset.field]: value }), field.dataset.done);
  if (!done) putBack(field);
});

// A field that was refused shows again what counts.
function putBack(field) {
  if (field.matches("select")) for (const one of field.options) one.selected = one.defaultSelected;
  else field.value = field.defaultValue;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-call]");
  if (!form) return;
  event.preventDefault();
  const given = read(form);
  if (!form.matches("[data-buyer]")) return call(form.dataset.call, JSON.stringify(given), form.dataset.done);
  buy(given);
});

function closeMenus(but) {
  for (const one of document.querySelectorAll("details.more[open]")) if (one !== but) one.removeAttribute("open");
}

function read(form) {
  const given = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.matches("[data-bool]")) given[field.name] = field.checked;
    else if (field.value === "") continue;
    else if (field.matches("[data-number], [type=number]")) given[field.name] = Number(field.value);
    else if (field.matches("[data-list]")) given[field.name] = field.value.split(/[\s,]+/).filter(Boolean);
    else given[field.name] = field.value;
  }
  return given;
}

async function buy({ seller_id, program, sku, units, count }) {
  const isCentral = program.startsWith("central");
  const body = isCentral
    ? { seller_id, count, easy_ship: program === "central", ...(sku ? { sku, quantity: units } : {}) }
    : { seller_id, count, program, ...(sku ? { lines: [{ sku, units }] } : {}) };
  const made = await call(isCentral ? "POST /_sim/orders" : "POST /_sim/shipments", JSON.stringify(body));
  if (!made) return;
  const rows = made.orders || made.shipments;
  if (!rows.length) return tell("Nothing was ordered: stock does not cover it.", true, "Put units on the floor under Stock.");
  const what = isCentral ? "order" : "shipment";
  tell(rows.length === 1 ? `Ordered: ${rows[0].order_id}` : `Ordered: ${rows.length} ${what}s`, false);
}

function chooseSkus() {
  const form = document.querySelector("[data-buyer]");
  if (!form) return;
  const seller = form.elements.seller_id;
  const skus = form.querySelector("[data-sku]");
  const show = () => {
    for (const one of skus.options) one.hidden = one.disabled = Boolean(one.dataset.owner) && one.dataset.owner !== seller.value;
    if (skus.selectedOptions[0]?.disabled) skus.value = "";
  };
  seller.addEventListener("change", show);
  show();
}

function copy(text) {
  navigator.clipboard?.writeText(text).then(() => tell(`Copied ${text}`, false), () => tell("The browser does not let pages copy.", true));
}

function switchTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme || (dark ? "dark" : "light");
  const next = now === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("sim-theme", next);
}

// Keys: g and a letter go to a room, f freezes or lets go on.

let going = false;
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.activeElement?.closest("details.more[open]")?.querySelector("summary").focus();
    closeMenus(null);
  }
  if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    const field = document.querySelector("input[type=search]");
    if (field) { event.preventDefault(); field.focus(); }
  } else if (going) {
    document.querySelector(`.rail [data-key="${CSS.escape(event.key)}"]`)?.click();
    going = false;
  } else if (event.key === "g") {
    going = true;
    setTimeout(() => { going = false; }, 1200);
  } else if (event.key === "f") {
    document.querySelector(".pacing button")?.click();
  }
});

document.addEventListener("pointerdown", () => { pressed = true; });
document.addEventListener("pointerup", () => { pressed = false; });
document.addEventListener("pointercancel", () => { pressed = false; });
document.addEventListener("visibilitychange", () => look(false));

chooseSkus();
tellAgain();
pulse.dataset.state = "yes";
// A world that takes long to draw is looked at less often: the simulator has other things to do.
async function lookForEver() {
  const began = performance.now();
  await look(false);
  setTimeout(lookForEver, Math.max(EVERY_MS, 15 * (performance.now() - began)));
}

setTimeout(lookForEver, EVERY_MS);
