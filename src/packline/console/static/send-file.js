// Send a file as it is; gives where to go ({leads_to}), or what is wrong with it ({message, hint}).
const { "X-Packline-Token": token } = JSON.parse(document.body.getAttribute("hx-headers"));

export async function send(address, file) {
  const headers = { "X-Packline-Token": token, "X-Packline-File": encodeURIComponent(file.name) };
  try {
    return await (await fetch(address, { method: "POST", body: file, headers })).json();
  } catch {
    return { message: "…" };
  }
}
export const words = (told) => [told.message, told.hint].filter(Boolean).join(" ");
