// SPDX-License-Identifier: EUPL-1.2
// Announces the end of the session two minutes before, with a button that prolongs it. Without this script a page after the end
// leads to the log-in.

const NOTICE = 120;

const bar = document.getElementById("sessie");
const message = document.getElementById("sessie-tekst");
const stay = document.getElementById("sessie-blijven");
const text = bar.dataset;
const now = () => Date.now() / 1000;
const latest = now() + Number(text.latest);
let end = now() + Number(text.idle);

// A text is written once, so that it is read out once.
function show(shown, canStay) {
  if (message.textContent !== shown) message.textContent = shown;
  stay.hidden = !canStay;
  bar.hidden = shown === "";
}

function look() {
  const left = Math.min(end, latest) - now();
  if (left <= 0) show(text.over, false);
  else if (left <= NOTICE) show(text.soon, latest - now() > NOTICE);
  else show("", false);
}

stay.addEventListener("click", async () => {
  const answer = await fetch(text.prolong, { cache: "no-store" }).catch(() => null);
  if (answer?.ok && end > now()) end = now() + Number(text.lasts);
  look();
});
setInterval(look, 5000);
