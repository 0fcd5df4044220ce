// Lists: rows change where they stand; what would move others waits while the pointer, the focus or a choice is in the list.
import { beat, retime, say, word } from "/static/frame.js";

const chosen = new Set();
let all = false; // the whole filter
let at = -1;
let source = null;
let waiting = null;

const part = () => document.getElementById("list");
const body = () => part()?.querySelector("tbody");
const idOf = (row) => row.id.slice(4);

function element(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  return holder.content.firstElementChild;
}

// ---- live rows
let first = true; // what a stream tells first is what the page shows already

function change(row, html) {
  Idiomorph.morph(row, html, { morphStyle: "outerHTML", callbacks: { beforeAttributeUpdated: (name, node) => !(node === row && name === "class") } });
  if (first) return;
  row.classList.remove("fresh");
  void row.offsetWidth;
  row.classList.add("fresh");
}

function renew(rows) {
  for (const [id, html] of rows) {
    const row = html && document.getElementById(id);
    if (row) change(row, html);
  }
}

function settle(rows) {
  const into = body();
  let next = into.firstElementChild;
  for (const [id, html] of rows) {
    let row = document.getElementById(id);
    if (!row && html) {
      row = element(html);
      if (!first) row.classList.add("fresh");
    }
    if (!row) continue;
    if (row === next) next = row.nextElementSibling;
    else into.insertBefore(row, next);
  }
  while (next) {
    const gone = next;
    next = next.nextElementSibling;
    gone.remove();
  }
  htmx.process(into);
}

function merge(before, rows) {
  if (!before) return rows;
  const kept = new Map(before.filter(([, html]) => html));
  return rows.map(([id, html]) => [id, html || kept.get(id) || null]);
}

const busy = () => part().querySelector("table").matches(":hover") || chosen.size > 0 || body().contains(document.activeElement) || at >= 0;

function show(rows) {
  const into = body();
  const same = rows.length === into.children.length && rows.every(([id], place) => into.children[place].id === id);
  renew(rows);
  if (!same && busy()) {
    waiting = merge(waiting, rows);
    part().querySelector(".held").hidden = false;
  } else {
    settle(merge(waiting, rows));
    free();
  }
  part().querySelector("[data-empty]").hidden = into.children.length > 0;
  first = false;
  retime();
  draw();
}

function free() {
  waiting = null;
  const held = part()?.querySelector(".held");
  if (held) held.hidden = true;
}

function release(really) {
  if (!waiting || (!really && busy())) return;
  settle(waiting);
  free();
  draw();
}

function follow() {
  source?.close();
  source = null;
  waiting = null;
  const address = part()?.dataset.live;
  if (!address) return;
  first = true;
  source = new EventSource(address);
  beat(source);
  source.addEventListener("rows", (news) => show(JSON.parse(news.data)));
  source.addEventListener("part", (news) => {
    const [id, html] = JSON.parse(news.data);
    const place = document.getElementById(id);
    if (place) Idiomorph.morph(place, html, { morphStyle: "outerHTML" });
    retime();
  });
}

// ---- choosing
function draw() {
  const bar = part()?.querySelector(".bulk");
  const rows = [...(body()?.children ?? [])];
  for (const row of rows) {
    const is = all || chosen.has(idOf(row));
    row.classList.toggle("chosen", is);
    const box = row.querySelector(".choose input");
    if (box) box.checked = is;
  }
  const whole = part()?.querySelector("[data-choose-all]");
  if (whole) {
    whole.checked = all || (rows.length > 0 && rows.every((row) => chosen.has(idOf(row))));
    whole.indeterminate = !whole.checked && chosen.size > 0;
  }
  if (!bar) return;
  bar.hidden = !all && chosen.size === 0;
  bar.querySelector("[data-chosen]").textContent = all ? word("all") : word("chosen").replace("{n}", chosen.size);
}

function choose(row, is) {
  all = false;
  is ? chosen.add(idOf(row)) : chosen.delete(idOf(row));
  draw();
}

function none() {
  all = false;
  chosen.clear();
  draw();
  release(false);
}

function bulk(act) {
  const values = { act, path: part().dataset.path, query: location.search.slice(1), all: all ? "yes" : "" };
  if (!all) values.ids = [...chosen].join(" ");
  htmx.ajax("POST", "/bulk/preview", { target: "#dialog-content", swap: "innerHTML", values });
}

// ---- keys
function point(to) {
  const rows = [...(body()?.children ?? [])];
  if (!rows.length) return;
  rows[at]?.classList.remove("here");
  at = Math.max(0, Math.min(rows.length - 1, to));
  rows[at].classList.add("here");
  rows[at].scrollIntoView({ block: "nearest" });
}

function leave() {
  body()?.children[at]?.classList.remove("here");
  at = -1;
  release(false);
}

const KEYS = {
  j: () => point(at + 1),
  ArrowDown: () => point(at + 1),
  k: () => point(at - 1),
  ArrowUp: () => point(at - 1),
  x: (row) => row && choose(row, !chosen.has(idOf(row))),
  X: () => {
    all = !all;
    chosen.clear();
    draw();
  },
  Enter: (row) => row && (row.dataset.href ? (location.href = row.dataset.href) : row.querySelector("a")?.click()),
  a: (row) => row?.querySelector("td.act button")?.click(),
  b: () => part().querySelector(".bulk:not([hidden]) [data-bulk]")?.focus(),
  Escape: () => (chosen.size || all ? none() : leave()),
};

document.addEventListener("keydown", (key) => {
  if (!part() || key.ctrlKey || key.metaKey || key.altKey || document.querySelector("dialog[open]")) return;
  if (key.target.matches("input:not([type=checkbox]), textarea, select")) return;
  if (key.key === "Enter" && key.target.closest("a, button, summary")) return;
  const does = KEYS[key.key];
  if (!does) return;
  if (key.key !== "Escape") key.preventDefault();
  does(body()?.children[at]);
});

document.addEventListener("change", (changed) => {
  if (changed.target.matches("[data-choose-all]")) for (const row of body().children) choose(row, changed.target.checked);
  else if (changed.target.matches(".choose input")) choose(changed.target.closest("tr"), changed.target.checked);
});
document.addEventListener("click", (click) => {
  const act = click.target.closest("[data-bulk]");
  if (act) bulk(act.dataset.bulk);
  if (click.target.closest("[data-choose-none]")) none();
  if (click.target.closest("[data-show-held]")) release(true);
});
document.addEventListener("mouseout", (out) => out.target.closest?.("table.list") && !out.relatedTarget?.closest?.("table.list") && release(false));
document.body.addEventListener("htmx:afterSettle", (settled) => {
  if (settled.target.id !== "list" && settled.detail.elt?.id !== "list") return;
  chosen.clear();
  all = false;
  at = -1;
  follow();
  draw();
});
document.body.addEventListener("bulk-over", () => {
  none();
  say("✓");
});

if (part()) {
  follow();
  draw();
}
