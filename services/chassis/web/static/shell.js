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

function tellHeld() {
  const bar = document.querySelector("[data-held]");
  if (!bar) return;
  bar.hidden = held.size === 0;
  const count = bar.querySelector("[data-held-count]");
  if (count) count.textContent = String(held.size);
}

document.addEventListener("htmx:sseBeforeMessage", (event) => {
  const part = event.target;
  if (isBusy(part)) {
    held.set(part, event.detail.data);
    event.preventDefault();
    tellHeld();
  }
});

document.addEventListener("htmx:sseMessage", (event) => {
  event.target.classList.add("changed");
  setTimeout(() => event.target.classList.remove("changed"), 1200);
});

function showHeld() {
  for (const [part, html] of held) {
    part.innerHTML = html;
    window.htmx.process(part);
  }
  held.clear();
  tellHeld();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pause], [data-held] button, [data-copy]");
  if (!button) return;
  if (button.dataset.copy !== undefined) {
    navigator.clipboard.writeText(button.dataset.copy);
  } else if (button.dataset.pause !== undefined) {
    isPaused = !isPaused;
    button.setAttribute("aria-pressed", String(isPaused));
    if (!isPaused) showHeld();
  } else {
    showHeld();
  }
});

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
  const target = (row || document).querySelector(`[data-key="${key}"]`);
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
  } else if (/^[aertpdx\[\]]$/.test(event.key) && act(event.key)) {
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
