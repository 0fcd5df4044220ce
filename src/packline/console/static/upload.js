// A file is sent as it is, with its progress; what is wrong with it stays until another one is chosen.
for (const form of document.querySelectorAll("form[data-upload]")) begin(form);

function begin(form) {
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("button");
  const [state, wrong] = [form.querySelector(".drop-state"), form.querySelector(".drop-wrong")];
  const [bar, says] = [state.querySelector("progress"), state.querySelector("[data-says]")];
  const named = form.querySelector(".drop-zone span");
  const asked = named.textContent;

  const show = (message, hint) => {
    state.hidden = true;
    wrong.hidden = !message;
    wrong.querySelector("[data-wrong]").textContent = message;
    wrong.querySelector("[data-hint]").textContent = hint ?? "";
    button.disabled = false;
  };

  input.addEventListener("change", () => {
    show("");
    named.textContent = input.files[0]?.name ?? asked;
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(name, (dragged) => {
      dragged.preventDefault();
      form.classList.toggle("over", name === "dragover");
      if (name !== "drop" || !dragged.dataTransfer.files.length) return;
      input.files = dragged.dataTransfer.files;
      input.dispatchEvent(new Event("change"));
    });
  }
  form.addEventListener("submit", (sent) => {
    sent.preventDefault();
    const file = input.files[0];
    if (!file) return input.focus();
    send(form, file);
  });

  function send(form, file) {
    const query = new URLSearchParams();
    for (const field of form.querySelectorAll("select[name], input[name]")) query.set(field.name, field.value);
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.upload + (query.size ? "?" + query : ""));
    request.setRequestHeader("X-Packline-Token", form.dataset.token);
    request.setRequestHeader("X-Packline-File", encodeURIComponent(file.name));
    request.upload.addEventListener("progress", (told) => {
      if (!told.lengthComputable) return;
      bar.value = (100 * told.loaded) / told.total;
      says.textContent = told.loaded < told.total ? `${Math.round(bar.value)} %` : form.dataset.sent;
    });
    request.addEventListener("error", () => show(form.dataset.lost));
    request.addEventListener("load", () => {
      let told = {};
      try {
        told = JSON.parse(request.responseText);
      } catch {
        return request.status === 401 ? location.reload() : show(form.dataset.lost);
      }
      if (told.leads_to) location.href = told.leads_to;
      else show(told.message ?? form.dataset.lost, told.hint);
    });
    show("");
    state.hidden = false;
    bar.removeAttribute("value");
    button.disabled = true;
    request.send(file);
  }
}
document.documentElement.dataset.uploads = "ready";
