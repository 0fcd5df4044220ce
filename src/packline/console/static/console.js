// Rows change where they stand. While the pointer is over the list nothing moves under it; the news waits.
"use strict";

const list = document.querySelector("[data-live]");
const held = document.querySelector(".held");
let waiting = null;

function element(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  return holder.content.firstElementChild;
}

function place(rows, body) {
  let next = body.firstElementChild;
  for (const [id, html] of rows) {
    let row = document.getElementById(id);
    if (html) {
      const fresh = element(html);
      fresh.classList.add("fresh");
      if (row) {
        if (row === next) next = fresh;
        row.replaceWith(fresh);
      }
      row = fresh;
    }
    if (!row) continue;
    if (row === next) next = row.nextElementSibling;
    else body.insertBefore(row, next);
  }
  count();
  while (next) {
    const gone = next;
    next = next.nextElementSibling;
    gone.remove();
  }
}

function renew(rows) {
  for (const [id, html] of rows) {
    const row = html && document.getElementById(id);
    if (row) row.replaceWith(element(html));
  }
  count();
}

function show(rows) {
  const body = list.querySelector("tbody");
  const same = rows.length === body.children.length && rows.every(([id], at) => body.children[at].id === id);
  if (!same && list.matches(":hover")) {
    renew(rows);
    waiting = merge(waiting, rows);
    held.classList.add("on");
    return;
  }
  place(merge(waiting, rows), body);
  waiting = null;
  held.classList.remove("on");
  document.querySelector(".empty")?.toggleAttribute("hidden", rows.length > 0);
}

async function renewPage() {
  const page = document.getElementById("page");
  if (page.querySelector("details[open]") || page.contains(document.activeElement)) return;
  const answer = await fetch(location.pathname);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("page");
  const top = page.querySelector(".top");
  page.replaceChildren(top, ...[...fresh.children].filter((part) => !part.matches(".top")));
  count();
}

function merge(before, rows) {
  if (!before) return rows;
  const kept = new Map(before.filter(([, html]) => html));
  return rows.map(([id, html]) => [id, html || kept.get(id) || null]);
}

function follow() {
  const pulse = document.querySelector(".pulse");
  const source = new EventSource(list.dataset.live);
  source.addEventListener("open", () => (pulse.dataset.live = "yes"));
  source.addEventListener("error", () => (pulse.dataset.live = "no"));
  source.addEventListener("counts", (news) => {
    document.querySelector(".counts").outerHTML = JSON.parse(news.data);
  });
  source.addEventListener("rows", (news) => show(JSON.parse(news.data)));
  source.addEventListener("page", renewPage);
}

if (list) {
  follow();
  list.addEventListener("mouseleave", () => waiting && show(waiting));
}

function count() {
  const now = Date.now();
  for (const place of document.querySelectorAll("time[data-left]")) {
    const seconds = Math.round((Date.parse(place.dateTime) - now) / 1000);
    const late = seconds < 0;
    const left = Math.abs(seconds);
    const two = (number) => String(number).padStart(2, "0");
    place.textContent =
      (late ? "late " : "") +
      (left >= 172800
        ? Math.floor(left / 86400) + " days"
        : two(Math.floor(left / 3600)) + ":" + two(Math.floor((left % 3600) / 60)) + ":" + two(left % 60));
    place.className = late ? "late" : left < 3600 ? "risk" : "";
  }
}
setInterval(count, 1000);
count();

let go = 0;
const PLACES = { w: "/", s: "/shipments", a: "/accounts", c: "/calls", q: "/quotas" };
document.addEventListener("keydown", (key) => {
  if (key.target.matches("input, textarea, select") || key.ctrlKey || key.metaKey || key.altKey) return;
  if (key.key === "/") {
    key.preventDefault();
    document.querySelector("input[type=search]")?.focus();
  } else if (key.key === "?") {
    document.getElementById("keys")?.showModal();
  } else if (key.key === "g") {
    go = Date.now();
  } else if (Date.now() - go < 1200 && PLACES[key.key]) {
    location.href = PLACES[key.key];
  }
});

document.addEventListener("click", (click) => {
  const id = click.target.closest("[data-copy]");
  if (!id || !navigator.clipboard) return;
  click.preventDefault();
  navigator.clipboard.writeText(id.dataset.copy).then(() => {
    const before = id.textContent;
    id.textContent = "copied";
    setTimeout(() => (id.textContent = before), 700);
  });
});
document.addEventListener("submit", (sent) => {
  const button = sent.target.querySelector("button.main, button.small");
  if (button) setTimeout(() => (button.disabled = true));
});
