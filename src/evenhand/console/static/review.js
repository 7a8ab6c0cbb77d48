// The console's own script: one key for each act, and digits for the reason. Every page works without it.
"use strict";

const form = document.getElementById("ruling");
const hint = document.getElementById("keys");
if (hint) hint.hidden = false;

function isTyping(target) {
  return target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
}

// A radio or a tick is set, a summary or a button pressed, a text or a list entered.
function use(element) {
  if (element.matches("textarea, select")) element.focus();
  else element.click();
  if (element.matches("input")) element.focus();
}

function chooseReason(digit) {
  const action = form.elements.action.value;
  const reasons = form.elements[`reason_${action}`];
  const option = reasons?.options[digit - 1];
  if (option) reasons.value = option.value;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") return void document.activeElement?.blur();
  if (isTyping(event.target)) return;
  const element = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (element) {
    event.preventDefault();
    use(element);
  } else if (form && /^[1-9]$/.test(event.key)) {
    chooseReason(Number(event.key));
  } else if (form && event.key === "Enter" && !event.target.matches("button, a, summary")) {
    event.preventDefault();
    form.requestSubmit();
  }
});
