// A milestone is dragged to another day of the calendar: its page of moving opens with that day filled in, and asks.
// The same page stands behind a visible control and the key m.
"use strict";

let dragged = null;
const dayUnder = (event) => dragged && event.target.closest && event.target.closest("[data-day]");
const unmark = () => document.querySelectorAll(".drop-here").forEach((day) => day.classList.remove("drop-here"));

document.querySelectorAll("a[data-move]").forEach((link) => { link.draggable = true; });

document.addEventListener("dragstart", (event) => {
  const link = event.target.closest && event.target.closest("a[data-move]");
  dragged = link ? link.dataset.move : null;
  if (link) event.dataTransfer.effectAllowed = "move";
});

document.addEventListener("dragover", (event) => {
  const day = dayUnder(event);
  if (!day) return;
  event.preventDefault();
  if (!day.classList.contains("drop-here")) unmark();
  day.classList.add("drop-here");
});

document.addEventListener("drop", (event) => {
  const day = dayUnder(event);
  if (!day) return;
  event.preventDefault();
  window.location.assign(`${dragged}&to=${day.dataset.day}`);
});

document.addEventListener("dragend", () => {
  dragged = null;
  unmark();
});
