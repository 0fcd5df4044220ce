// One return: photos are sent as they are chosen; a password is taken off the screen when it ends.
import { send, words } from "/static/send-file.js";

const ahead = Date.parse(document.body.dataset.now) - Date.now();

document.addEventListener("change", async (change) => {
  const input = change.target.closest("[data-photos]");
  if (!input) return;
  const said = document.getElementById("photo-said");
  const left = [...input.files];
  input.value = "";
  for (const file of left) {
    said.textContent = `${file.name}…`;
    const told = await send(input.dataset.photos, file);
    if (!told.leads_to) {
      said.textContent = `${file.name}: ${words(told)}`;
      return;
    }
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
