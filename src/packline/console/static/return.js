// One return: photos are sent as they are chosen; a password is taken off the screen when it ends.
import { say } from "/static/frame.js";

const ahead = Date.parse(document.body.dataset.now) - Date.now();
const headers = JSON.parse(document.body.getAttribute("hx-headers"));

document.addEventListener("change", async (change) => {
  const input = change.target.closest("[data-photos]");
  if (!input) return;
  const told = document.getElementById("photo-said");
  for (const file of input.files) {
    told.textContent = `${file.name}…`;
    const answer = await fetch(`${input.dataset.photos}?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file, headers: { ...headers, "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok) {
      const page = new DOMParser().parseFromString(answer ? await answer.text() : "", "text/html");
      told.textContent = `${file.name}: ${page.body.textContent.trim().replace(/\s+/g, " ") || "–"}`;
      return;
    }
    say(file.name);
  }
  location.reload();
});

setInterval(() => {
  const shown = document.querySelector("[data-ends]");
  const now = Date.now() + ahead;
  if (!shown || Date.parse(shown.dataset.ends) > now) return;
  shown.remove();
  document.querySelector("[data-ended]").hidden = false;
}, 1000);
