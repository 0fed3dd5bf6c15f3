/* What a script adds: leaving without a trace of our page on the screen, and the filter
   panel standing open where there is room. All else works without it. */

const SHIFTS = 3;
const WITHIN = 5000; // milliseconds

const link = document.querySelector("[data-leave]");

function leave() {
  const cover = document.createElement("div");
  cover.className = "cover";
  document.body.replaceChildren(cover);
  document.title = "";
  location.replace(link.href);
}

link?.addEventListener("click", (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  leave();
});

/* Never on touch devices, whose keyboards press Shift by themselves, nor while typing. */
if (link && matchMedia("(hover: hover) and (pointer: fine)").matches) {
  let presses = [];
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (event.key !== "Shift" || event.repeat || typing) {
      if (event.key !== "Shift") presses = [];
      return;
    }
    presses = [...presses.filter((time) => event.timeStamp - time < WITHIN), event.timeStamp];
    if (presses.length === SHIFTS) leave();
  });
}

/* A page kept in memory for “Back” is asked for again, in case the reader left. */
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

if (matchMedia("(min-width: 60rem)").matches) {
  for (const panel of document.querySelectorAll("details[data-open-wide]")) {
    panel.open = true;
  }
}

/* Titles and names that begin as typed, offered below the field. Nothing is kept. */
const PAUSE = 200; // milliseconds without a key
const field = document.querySelector("input[data-suggest]");
const offered = document.getElementById("suggestions");
let waiting;
let asking;

async function suggest() {
  const beginning = field.value.trim();
  const address = `${field.dataset.suggest}?format=json&q=${encodeURIComponent(beginning)}`;
  asking = new AbortController();
  const answer = await fetch(address, { credentials: "omit", signal: asking.signal });
  const { suggestions } = await answer.json();
  offered.replaceChildren(...suggestions.map(({ name }) => new Option(name, name)));
}

field?.addEventListener("input", () => {
  clearTimeout(waiting);
  asking?.abort();
  offered.replaceChildren();
  if (field.value.trim().length < 2) return;
  /* Whatever goes wrong, there is no suggestion then, and search works as without. */
  waiting = setTimeout(() => suggest().catch(() => {}), PAUSE);
});
