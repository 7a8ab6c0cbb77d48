// The home page's own script: takes the key out of the address, sends the form on Ctrl+Enter, takes dropped pictures,
// draws them blurred, and says the outcome to screen readers. The page works without it.
"use strict";

const form = document.getElementById("try");
const outcome = document.getElementById("outcome");

// What stands after # never reaches a server; it must not stay in the address bar or the history either.
function takeKeyFromAddress() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key === null) return;
  history.replaceState(null, "", location.pathname);
  form.elements.key.value = key;
  form.elements.text.focus();
}

function announce() {
  const line = outcome.querySelector("[data-announce]");
  document.getElementById("announcement").textContent = line.textContent;
  line.scrollIntoView({ block: "nearest" });
}

function showTrouble() {
  outcome.replaceChildren(document.getElementById("trouble").content.cloneNode(true));
  announce();
}

takeKeyFromAddress();
addEventListener("hashchange", takeKeyFromAddress);
document.getElementById("shortcut").hidden = false;

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

for (const name of ["dragover", "drop"]) {
  form.addEventListener(name, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    if (name === "drop") form.elements.images.files = event.dataTransfer.files;
  });
}

// The picture is drawn from the browser's own file: the server does not send it back.
async function draw(figure) {
  const number = Number(figure.dataset.picture);
  const canvas = figure.querySelector("canvas");
  const button = figure.querySelector("button");
  try {
    const bitmap = await createImageBitmap(form.elements.images.files[number - 1]);
    const scale = Math.min(1, 900 / bitmap.width);
    canvas.width = Math.max(1, bitmap.width * scale);
    canvas.height = Math.max(1, bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  } catch {
    figure.querySelector("figcaption").append(" This browser cannot draw it.");
    return;
  }
  button.hidden = false;
  button.addEventListener("click", () => {
    const isBlurred = figure.classList.toggle("blurred");
    button.setAttribute("aria-pressed", String(!isBlurred));
    canvas.setAttribute("aria-label", `Image ${number}${isBlurred ? ", blurred" : ""}`);
  });
}

// An answer that is no page, such as a proxy's error, is not shown as one.
document.addEventListener("htmx:before:response", (event) => {
  const type = event.detail.ctx.response.headers.get("content-type") ?? "";
  if (type.startsWith("text/html")) return;
  event.preventDefault();
  showTrouble();
});
document.addEventListener("htmx:error", showTrouble);
document.addEventListener("htmx:after:swap", () => {
  announce();
  outcome.querySelectorAll("[data-picture]").forEach(draw);
});
