// The frame: keys, clocks that run, the palette, dialogs, copying. Nothing here knows a page.
const words = JSON.parse(document.body.dataset.words);
const ahead = Date.parse(document.body.dataset.now) - Date.now(); // the house's clock may run elsewhere than the browser's
const field = (target) => target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

export const say = (text) => {
  const place = document.getElementById("says");
  const said = document.createElement("div");
  said.textContent = text;
  place.replaceChildren(said);
  setTimeout(() => said.remove(), 4000);
};
export const word = (name) => words[name];

// ---- times
const two = (number) => String(number).padStart(2, "0");
const day = new Intl.NumberFormat(document.documentElement.lang + "-u-nu-latn", { style: "unit", unit: "day", unitDisplay: "long" });

function countdown(place, now) {
  const seconds = Math.round((Date.parse(place.dateTime) - now) / 1000);
  const size = Math.abs(seconds);
  const written = size >= 172800
    ? day.format(Math.floor(size / 86400))
    : two(Math.floor(size / 3600)) + ":" + two(Math.floor((size % 3600) / 60)) + ":" + two(size % 60);
  place.textContent = seconds < 0 ? words.late.replace("{time}", written) : written;
  place.className = seconds < 0 ? "late" : seconds < 3600 ? "risk" : "";
}

function past(place, now) {
  const seconds = Math.max(0, Math.floor((now - Date.parse(place.dateTime)) / 1000));
  const [size, name] = seconds < 60 ? [1, "s"] : seconds < 3600 ? [60, "min"] : [3600, "h"];
  if (seconds < 172800) place.textContent = words[name].replace("{n}", Math.floor(seconds / size));
}

const zoned = new Map();
function tick() {
  const now = Date.now() + ahead;
  for (const place of document.querySelectorAll("time[data-left]")) countdown(place, now);
  for (const place of document.querySelectorAll("time[data-ago]")) past(place, now);
  for (const place of document.querySelectorAll("time[data-clock]")) {
    const zone = place.dataset.clock;
    if (!zoned.has(zone)) zoned.set(zone, new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" }));
    place.textContent = zoned.get(zone).format(now);
  }
}
export const retime = tick;
setInterval(tick, 1000);
tick();

// ---- the scan field, keys, the palette
const find = document.getElementById("find");
const palette = document.getElementById("palette");
const keys = document.getElementById("keys");
const dialog = document.getElementById("dialog");
let went = 0;

function openPalette() {
  if (!palette || palette.open) return;
  palette.showModal();
  const input = document.getElementById("palette-field");
  input.value = "";
  input.focus();
  htmx.trigger(input, "open");
}

document.addEventListener("keydown", (key) => {
  if ((key.ctrlKey || key.metaKey) && key.key.toLowerCase() === "k") {
    key.preventDefault();
    openPalette();
    return;
  }
  if (key.ctrlKey || key.metaKey || key.altKey || document.querySelector("dialog[open]")) return;
  if (field(key.target)) {
    if (key.key === "Escape") key.target.blur();
    return;
  }
  if (key.key === "/") {
    key.preventDefault();
    find?.focus();
    find?.select();
  } else if (key.key === "?") {
    keys?.showModal();
  } else if (Date.now() - went < 1500) {
    went = 0;
    const place = document.querySelector(`.rail [data-key="${CSS.escape(key.key)}"]`);
    if (place) {
      key.preventDefault();
      key.stopImmediatePropagation();
      location.href = place.href;
    }
  } else if (key.key === "g") {
    went = Date.now();
  }
}, true);

palette?.addEventListener("keydown", (key) => {
  const hits = [...palette.querySelectorAll("#palette-hits a")];
  const at = hits.findIndex((hit) => hit.ariaSelected === "true");
  const to = key.key === "ArrowDown" ? at + 1 : key.key === "ArrowUp" ? at - 1 : null;
  if (to !== null && hits.length) {
    key.preventDefault();
    hits[at]?.setAttribute("aria-selected", "false");
    const chosen = hits[(to + hits.length) % hits.length];
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    document.getElementById("palette-field").setAttribute("aria-activedescendant", chosen.id);
  } else if (key.key === "Enter") {
    key.preventDefault();
    (hits[at] ?? hits[0])?.click();
  }
});

// A place that was asked for by its name (#act-pack) takes the focus, so that Enter presses it.
const arrive = () => location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)))?.focus();
addEventListener("hashchange", arrive);
arrive();
palette?.addEventListener("click", (click) => click.target.closest("a") && palette.close());

// ---- clicks that mean the same everywhere
document.addEventListener("click", (click) => {
  const target = click.target;
  const copied = target.closest("[data-copy]");
  if (copied && navigator.clipboard) navigator.clipboard.writeText(copied.dataset.copy).then(() => say(`${words.copied}: ${copied.dataset.copy}`));
  if (target.closest("[data-palette]")) openPalette();
  if (target.closest("[data-close]")) target.closest("dialog")?.close();
  const rail = document.getElementById("rail");
  if (target.closest("[data-menu]")) rail.classList.toggle("open");
  else if (rail?.classList.contains("open") && !target.closest("#rail")) rail.classList.remove("open");
  if (target === palette || target === keys || target === dialog) target.close(); // the backdrop
});

// A form is sent once; its button comes back with the page.
document.addEventListener("submit", (sent) => {
  const asked = sent.target.dataset.ask;
  if (asked && !confirm(asked)) return sent.preventDefault();
  if (sent.target.method === "dialog" || sent.target.matches("[hx-post], [hx-get]")) return;
  for (const button of sent.target.querySelectorAll("button")) setTimeout(() => (button.disabled = true));
});
window.addEventListener("pageshow", (shown) => {
  if (shown.persisted) for (const button of document.querySelectorAll("button[disabled]")) button.disabled = false;
});
for (const picker of document.querySelectorAll("select[data-submits]")) picker.addEventListener("change", () => picker.form.requestSubmit());

// ---- parts that htmx brings
document.body.addEventListener("htmx:afterSwap", (swapped) => {
  tick();
  if (swapped.target.id === "dialog-content" && !dialog.open) dialog.showModal();
});
document.body.addEventListener("htmx:afterSettle", () => {
  const wanted = dialog?.open && dialog.querySelector("[autofocus]");
  if (wanted && !dialog.contains(document.activeElement?.closest("a, button, input"))) wanted.focus();
});
document.body.addEventListener("htmx:sendError", () => say(words.lost));
document.body.addEventListener("htmx:responseError", (failed) => failed.detail.xhr.status === 401 && location.reload());

// ---- a page that is told when it is out of date: <div data-follow="/address">
const followed = document.querySelector("[data-follow]");
const pulse = document.querySelector(".pulse");
export const beat = (source) => {
  source.addEventListener("open", () => pulse && (pulse.dataset.state = "yes"));
  source.addEventListener("error", () => pulse && (pulse.dataset.state = "no"));
};

let stale = false; // a page with an open dialog or a form in work is renewed when that is over

async function renew() {
  stale = Boolean(document.querySelector("dialog[open], [popover]:popover-open") || document.activeElement?.matches("#page input, #page select, #page textarea"));
  if (stale) return;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("page");
  const keep = (old, next) => {
    if (old.nodeName === "DETAILS" && old.open) next.open = true;
    return !old.hasAttribute?.("data-kept");
  };
  Idiomorph.morph(document.getElementById("page"), fresh.innerHTML, { morphStyle: "innerHTML", ignoreActive: true, callbacks: { beforeNodeMorphed: keep } });
  htmx.process(document.getElementById("page"));
  tick();
}
if (followed) {
  const source = new EventSource(followed.dataset.follow);
  beat(source);
  source.addEventListener("page", renew);
  setInterval(() => stale && renew(), 1000);
}
document.documentElement.dataset.ready = "yes"; // keys are taken from here on
