// SPDX-License-Identifier: EUPL-1.2
// Adds a button after each text with `data-copy`, which puts that text on the clipboard and announces so. Without this script, and
// where the browser gives no clipboard (over http to another machine), there is no button.

const status = document.getElementById("kopie");
const text = status.dataset;
const LASTS = 3000;

// Written anew after a moment, so that the same words are read out again.
function announce(words) {
  status.textContent = "";
  setTimeout(() => { status.textContent = words; }, 100);
}

function add(source) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "utrecht-button utrecht-button--subtle gw-copy";
  const label = document.createElement("span");
  label.textContent = text.button;
  const what = document.createElement("span");
  what.className = "gw-visually-hidden";
  what.textContent = ` ${source.dataset.copy}`;
  button.append(label, what);
  let timer = 0;
  button.addEventListener("click", async () => {
    const isCopied = await navigator.clipboard.writeText(source.textContent).then(() => true, () => false);
    label.textContent = isCopied ? text.copied : text.failed;
    announce(`${label.textContent}: ${source.dataset.copy}`);
    clearTimeout(timer);
    timer = setTimeout(() => { label.textContent = text.button; }, LASTS);
  });
  source.after(" ", button);
}

if (navigator.clipboard) for (const source of document.querySelectorAll("[data-copy]")) add(source);
