// A list as a file: how far it is, how long it takes, and a way to stop; without script the same link simply downloads.
import { word } from "/static/frame.js";

const dialog = document.getElementById("dialog");
const numbers = new Intl.NumberFormat("en");

function time(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  return whole < 60 ? word("sec").replace("{s}", whole) : word("min_s").replace("{m}", Math.floor(whole / 60)).replace("{s}", whole % 60);
}

function far(told, began) {
  const bar = dialog.querySelector("progress");
  const rows = numbers.format(told.rows);
  let said = word("rows").replace("{n}", rows);
  if (told.total) {
    const all = Math.max(told.total, told.rows);
    bar.max = all;
    bar.value = told.rows;
    said = word("rows_of").replace("{n}", rows).replace("{all}", numbers.format(all));
    const passed = (performance.now() - began) / 1000;
    if (told.rows && passed > 1 && told.rows < all) said += " · " + word("left").replace("{time}", time((passed / told.rows) * (all - told.rows)));
  }
  dialog.querySelector("[data-far]").textContent = said;
}

function wrong(message) {
  const place = dialog.querySelector("[data-wrong]");
  if (!place) return;
  place.querySelector("b").textContent = message;
  place.className = place.dataset.wrong;
  place.hidden = false;
  dialog.querySelector(".progress").hidden = true;
  dialog.querySelector("[data-close]").textContent = word("close");
}

function done(told, name) {
  const place = dialog.querySelector("[data-done]");
  place.querySelector("span").textContent = word("written").replace("{n}", numbers.format(told.rows)).replace("{name}", name);
  place.hidden = false;
  dialog.querySelector(".progress").hidden = true;
  const more = dialog.querySelector("[data-more]");
  more.className = more.dataset.more;
  more.hidden = !told.more;
  dialog.querySelector("[data-close]").textContent = word("close");
}

function save(parts, name, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// Lines of JSON, then, after one that has a size, so many bytes.
async function follow(answer, began) {
  const reader = answer.body.getReader();
  const text = new TextDecoder();
  let head = new Uint8Array();
  for (;;) {
    const { done: over, value } = await reader.read();
    if (over) throw new Error("cut");
    const seen = new Uint8Array(head.length + value.length);
    seen.set(head);
    seen.set(value, head.length);
    head = seen;
    for (let end = head.indexOf(10); end >= 0; end = head.indexOf(10)) {
      const told = JSON.parse(text.decode(head.subarray(0, end)));
      head = head.subarray(end + 1);
      if (told.error) return told;
      if (told.size === undefined) far(told, began);
      else return { ...told, parts: await rest(reader, head, told.size) };
    }
  }
}

async function rest(reader, first, size) {
  const parts = [first];
  let came = first.length;
  while (came < size) {
    const { done: over, value } = await reader.read();
    if (over) throw new Error("cut");
    parts.push(value);
    came += value.length;
  }
  return parts;
}

async function take(link) {
  const stopped = new AbortController();
  const began = performance.now();
  document.getElementById("dialog-content").replaceChildren(document.getElementById("export").content.cloneNode(true));
  dialog.showModal();
  dialog.addEventListener("close", () => stopped.abort(), { once: true });
  try {
    const answer = await fetch(link.href + "&told=yes", { signal: stopped.signal });
    if (answer.status === 401 || answer.redirected) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await follow(answer, began);
    if (told.error) return wrong(told.error);
    const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition"))[1];
    save(told.parts, name, name.endsWith("csv") ? "text/csv" : "application/octet-stream");
    done(told, name);
  } catch (error) {
    if (error.name !== "AbortError") wrong(word("cut"));
  }
}

document.addEventListener("click", (click) => {
  const link = click.target.closest("a[data-export]");
  if (!link || click.ctrlKey || click.metaKey || click.shiftKey) return;
  click.preventDefault();
  take(link);
});
