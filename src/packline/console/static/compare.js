// A file of the seller's own books is sent as it is chosen; its comparison has a page of its own.
import { send, words } from "/static/send-file.js";

document.addEventListener("change", async (change) => {
  const input = change.target.closest("[data-books]");
  const file = input?.files[0];
  if (!file) return;
  const said = document.getElementById("books-said");
  const { place, what } = input.form.elements;
  said.textContent = `${file.name}…`;
  const told = await send(`${input.dataset.books}?${new URLSearchParams({ place: place.value, what: what.value })}`, file);
  input.value = "";
  if (told.leads_to) location.href = told.leads_to;
  else said.textContent = `${file.name}: ${words(told)}`;
});
