// What the pages can do beyond plain HTML: live parts that can be paused, keys, copying. Everything works without it.
"use strict";

const inField = (element) => element && element.closest("input, textarea, select, [contenteditable]");

// ---- live parts: never under the reader's hands, and only while not paused
const held = new Map();
let isPaused = false;

function isBusy(part) {
  const active = document.activeElement;
  return isPaused || (active && active !== document.body && part.contains(active)) || part.querySelector("details[open] form");
}

function isShown(part, html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  const shown = document.createElement("template");
  shown.innerHTML = part.innerHTML;
  return made.innerHTML.trim() === shown.innerHTML.trim();
}

function tellHeld() {
  const bar = document.querySelector("[data-held]");
  if (!bar) return;
  const changes = [...held.values()].reduce((sum, one) => sum + one.changes, 0);
  bar.hidden = changes === 0;
  const count = bar.querySelector("[data-held-count]");
  if (count) count.textContent = String(changes);
}

function mark(part) {
  part.classList.add("changed");
  setTimeout(() => part.classList.remove("changed"), 1200);
}

// What scrolls sideways stays where its reader put it.
function keepingPlace(part, show) {
  const places = [...part.querySelectorAll("[role=region]")].map((one) => one.scrollLeft);
  show();
  [...part.querySelectorAll("[role=region]")].forEach((one, index) => { one.scrollLeft = places[index] || 0; });
}

document.addEventListener("htmx:sseBeforeMessage", (event) => {
  const part = event.target;
  const html = event.detail.data;
  heard();
  event.preventDefault();
  if (isShown(part, html)) {
    held.delete(part);
  } else if (isBusy(part)) {
    const before = held.get(part);
    held.set(part, { html, changes: (before ? before.changes : 0) + 1 });
  } else {
    held.delete(part);
    show(part, html);
  }
  tellHeld();
});

function show(part, html) {
  keepingPlace(part, () => { part.innerHTML = html; });
  window.htmx.process(part);
  mark(part);
}

function showHeld() {
  for (const [part, one] of held) show(part, one.html);
  held.clear();
  tellHeld();
}

// A part whose reader has left it is brought up to date by itself.
document.addEventListener("focusout", () => setTimeout(() => {
  for (const [part, one] of held) {
    if (isBusy(part)) continue;
    held.delete(part);
    show(part, one.html);
  }
  tellHeld();
}, 0));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pause], [data-help], [data-held] button, [data-copy]");
  if (!button) return;
  if (button.dataset.copy !== undefined) {
    navigator.clipboard.writeText(button.dataset.copy);
  } else if (button.dataset.help !== undefined) {
    document.getElementById("keys").showModal();
  } else if (button.dataset.pause !== undefined) {
    isPaused = !isPaused;
    document.querySelectorAll("[data-pause]").forEach((one) => one.setAttribute("aria-pressed", String(isPaused)));
    if (!isPaused) showHeld();
  } else {
    showHeld();
  }
});

// What only a script can do, only a script shows the buttons for.
document.querySelectorAll("[data-pause], [data-help]").forEach((one) => { one.hidden = false; });

// ---- a screen that nobody touches says when it hears nothing: the stream beats each 15 s when it has no news
const STALE_AFTER_MS = 60000;
let heardAt = Date.now();

if (window.htmx) {
  window.htmx.createEventSource = (address) => {
    const source = new EventSource(address, { withCredentials: true });
    source.addEventListener("beat", heard);
    return source;
  };
}

function heard() {
  heardAt = Date.now();
  document.querySelectorAll("[data-stale]").forEach((one) => { one.hidden = true; });
}

setInterval(() => {
  if (Date.now() - heardAt < STALE_AFTER_MS) return;
  const clock = document.querySelector("[data-clock]");
  document.querySelectorAll("[data-stale]").forEach((one) => {
    one.querySelectorAll("[data-stale-at]").forEach((at) => { at.textContent = clock ? clock.textContent : ""; });
    one.hidden = false;
  });
}, 5000);

// ---- keys: off inside fields; each is also a visible control
const rooms = () => [...document.querySelectorAll("nav.rooms a")];
const rows = () => [...document.querySelectorAll("[data-row] a[data-open], tr[data-row] th a, tr[data-row] td a")]
  .filter((link, index, all) => all.findIndex((other) => other.closest("[data-row]") === link.closest("[data-row]")) === index);
let goes = false;

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((link) => link.closest("[data-row]").contains(document.activeElement));
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step))];
  next.focus();
}

function act(key) {
  const row = document.activeElement && document.activeElement.closest("[data-row]");
  const mark = `[data-key="${key}"]`;
  const target = (row && row.querySelector(mark)) || document.querySelector(row ? `${mark}:not([data-row] *)` : mark);
  if (target) target.click();
  return Boolean(target);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    const open = document.querySelector("dialog[open]");
    if (open) open.close();
    return;
  }
  if (inField(event.target) || document.documentElement.dataset.keys === "off") return;
  if (goes && /^[1-5]$/.test(event.key)) {
    const room = rooms()[Number(event.key) - 1];
    if (room) room.click();
  }
  goes = event.key === "g";
  const field = document.querySelector("form[role=search] input[type=search]");
  if (event.key === "/" && field) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "j" || event.key === "k") {
    move(event.key === "j" ? 1 : -1);
  } else if (event.key === "?") {
    const help = document.getElementById("keys");
    if (help) help.showModal();
  } else if (event.key === "m" && document.activeElement.dataset.move) {
    window.location.assign(document.activeElement.dataset.move);
  } else if (/^[aermtpdx\[\]]$/.test(event.key) && act(event.key)) {
    event.preventDefault();
  }
});

// ---- after a refused form the summary has the focus, so that it is read first
const summary = document.getElementById("errors");
if (summary) summary.focus();

// ---- a form is sent once: a second press while it travels is ignored
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  event.target.dataset.sent = "1";
  if (button) button.setAttribute("aria-busy", "true");
  setTimeout(() => { delete event.target.dataset.sent; if (button) button.removeAttribute("aria-busy"); }, 8000);
});

// ---- what is typed into a long form is kept on the server while it is typed; the button alone makes it count
const AUTOSAVE_MS = 1500;
document.querySelectorAll("form[data-keep]").forEach((form) => {
  const said = form.querySelector("[data-kept]");
  let waiting = 0;
  const keep = async () => {
    const answer = await fetch(form.dataset.keep, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
    if (!said) return;
    said.hidden = false;
    said.textContent = answer && answer.ok ? `${said.dataset.kept} ${(await answer.json()).at}` : said.dataset.lost;
  };
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(keep, AUTOSAVE_MS); });
  form.addEventListener("submit", () => clearTimeout(waiting));
});
