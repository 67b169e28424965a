// The desk beyond plain HTML: a cell opens beside the matrix, arrows go between cells, letters go to what can be done.
"use strict";

(() => {
  const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const LETTERS = "pdr";
  const side = document.getElementById("cell");
  const grid = document.querySelector("[data-grid]");
  if (!side || !grid) return;
  let asked = "";

  // What is beside the matrix follows the address of the link; the address of the page says so, and Back leaves the desk.
  async function open(link, letter) {
    asked = link.href;
    const answer = await fetch(link.href).catch(() => null);
    if (asked !== link.href) return;
    const made = answer && answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("cell");
    if (!made) {
      window.location.assign(link.href);
      return;
    }
    side.replaceChildren(...made.childNodes);
    side.parentElement.classList.add("has-cell");
    window.history.replaceState(null, "", link.href);
    show(letter);
  }

  function show(letter) {
    const place = side.getBoundingClientRect();
    if (place.bottom < 0 || place.top > window.innerHeight) side.scrollIntoView();
    const target = letter && side.querySelector(`[data-act="${letter}"]`);
    const heading = letter && side.querySelector("h2");
    if (target || heading) (target || heading).focus();
  }

  function choose(link, letter) {
    grid.querySelectorAll("[data-cell][aria-current]").forEach((one) => one.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    return open(link, letter);
  }

  function beside(place, [down, across]) {
    const row = place.parentElement;
    const rows = [...grid.tBodies].flatMap((body) => [...body.rows]);
    const line = across ? [...row.cells] : rows.map((one) => one.cells[place.cellIndex]);
    const step = down || across;
    for (let at = line.indexOf(place) + step; at >= 0 && at < line.length; at += step) {
      const link = line[at] && line[at].querySelector("[data-cell], [data-open]");
      if (link) return link;
    }
    return null;
  }

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest("[data-cell], #cell [data-look]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.cell === undefined) open(link, "");
    else choose(link, "");
  });

  // Before the keys of every page: here a letter never does a thing at once, it goes to where that is done.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.documentElement.dataset.keys === "off") return;
    const active = document.activeElement;
    if (active.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
    const place = active.closest("[data-grid] td, [data-grid] tbody th");
    const link = place && place.querySelector("[data-cell]");
    if (KEYS[event.key] && place) {
      const next = beside(place, KEYS[event.key]);
      if (next) next.focus();
    } else if (event.key === "x" && place && place.querySelector("[form=batch]")) {
      place.querySelector("[form=batch]").click();
    } else if (LETTERS.includes(event.key) && link) {
      if (link.getAttribute("aria-current")) show(event.key);
      else choose(link, event.key);
    } else if (LETTERS.includes(event.key) && side.querySelector(`[data-act="${event.key}"]`)) {
      show(event.key);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }, true);

  // The button says what it is about: all that is ready, or what is ticked.
  const button = document.querySelector("#batch [data-marked]");
  const all = button && button.querySelector("span").textContent;
  grid.addEventListener("change", () => {
    const count = grid.querySelectorAll("[form=batch]:checked").length;
    button.querySelector("span").textContent = count ? `${button.dataset.marked} (${count})` : all;
  });

  document.querySelectorAll("[data-grid-keys]").forEach((one) => { one.hidden = false; });
})();
