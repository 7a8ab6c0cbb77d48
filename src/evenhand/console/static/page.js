// The home page's own script: takes the key out of the address, sends the form on Ctrl+Enter, and says the outcome to
// screen readers. The page works without it.
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

// An answer that is no page, such as a proxy's error, is not shown as one.
document.addEventListener("htmx:before:response", (event) => {
  const type = event.detail.ctx.response.headers.get("content-type") ?? "";
  if (type.startsWith("text/html")) return;
  event.preventDefault();
  showTrouble();
});
document.addEventListener("htmx:error", showTrouble);
document.addEventListener("htmx:after:swap", announce);
