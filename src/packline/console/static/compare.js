// A file of the seller's own books is sent as it is chosen; its comparison has a page of its own.
const headers = JSON.parse(document.body.getAttribute("hx-headers"));

document.addEventListener("change", async (change) => {
  const input = change.target.closest("[data-books]");
  const file = input?.files[0];
  if (!file) return;
  const told = document.getElementById("books-said");
  const form = input.form;
  const query = new URLSearchParams({ name: file.name, place: form.elements.place.value, what: form.elements.what.value });
  told.textContent = `${file.name}…`;
  const answer = await fetch(`${input.dataset.books}?${query}`, { method: "POST", body: file, headers: { ...headers, "HX-Request": "true" } }).catch(() => null);
  const text = answer ? await answer.text() : "–";
  if (answer?.ok) location.href = text;
  else told.textContent = `${file.name}: ${new DOMParser().parseFromString(text, "text/html").body.textContent.trim().replace(/\s+/g, " ")}`;
  input.value = "";
});
