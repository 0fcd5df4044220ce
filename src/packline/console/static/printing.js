// "To the printer": the PDF goes into a frame that nobody sees, and the browser prints that.
document.addEventListener("click", (click) => {
  const button = click.target.closest("[data-print]");
  if (!button) return;
  document.querySelector("iframe.printing")?.remove();
  const frame = document.createElement("iframe");
  frame.className = "printing";
  frame.title = button.textContent.trim();
  frame.addEventListener("load", () => frame.contentWindow?.print());
  frame.src = button.dataset.print;
  document.body.append(frame);
});
