// Scanning parcels in: one after another as fast as a scanner goes; what was refused stays until it is acknowledged.
import { beep, buzz } from "/static/bench-sound.js";

const form = document.getElementById("scan-in");
if (form) begin();

function begin() {
  const [field, wrong, good] = ["code", "wrong", "good"].map((id) => document.getElementById(id));
  const token = form.querySelector("[name=token]").value;
  const waiting = [];
  const refused = [];
  let busy = false;

  async function renew() {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of ["#parcels", ".figures", ".head .acts"]) {
      const [old, next] = [document.querySelector(part), fresh.querySelector(part)];
      if (old && next) Idiomorph.morph(old, next.outerHTML, { morphStyle: "outerHTML" });
    }
  }

  function show() {
    wrong.hidden = !refused.length;
    if (!refused.length) return field.focus();
    document.getElementById("wrong-code").textContent = refused[0].code;
    document.getElementById("wrong-what").textContent = refused[0].message;
    document.getElementById("wrong-hint").textContent = refused[0].hint;
    wrong.focus();
  }

  async function send() {
    busy = true;
    while (waiting.length) {
      const codes = waiting.splice(0, 50);
      try {
        const body = new URLSearchParams({ token, code: codes.join(" ") });
        const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
        const told = await answer.json();
        for (const item of told.items) {
          if (item.tone === "late") refused.push(item);
          else good.textContent = `${item.code}: ${item.message}`;
        }
        told.items.some((item) => item.tone === "late") ? buzz() : beep();
      } catch {
        refused.push({ code: codes.join(" "), message: good.dataset.lost ?? "…", hint: "" });
        buzz();
      }
      await renew().catch(() => {});
      show();
    }
    busy = false;
  }

  form.addEventListener("submit", (sent) => {
    sent.preventDefault();
    sent.stopImmediatePropagation();
    const code = field.value.trim();
    field.value = "";
    if (refused.length) return buzz();
    if (code) waiting.push(code);
    if (waiting.length && !busy) send();
  });

  window.addEventListener("keydown", (key) => {
    if (!refused.length) return;
    key.stopImmediatePropagation();
    if (key.key === "Escape") {
      refused.shift();
      show();
    } else if (key.key === "Enter") buzz();
    if (key.key.length === 1 || key.key === "Enter" || key.key === "Escape") key.preventDefault();
  }, true);
  form.dataset.ready = ""; // from here on scans go by this script
}
