// A form that is sent without a connection waits on the device and is sent when there is one, under the same command id:
// so it arrives once, however often it is tried. Without this script the form is sent as any other.
"use strict";

const QUEUE = "publicity-queue";
const PATIENCE_MS = 5000;

const opened = new Promise((done, failed) => {
  const asked = indexedDB.open(QUEUE, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("forms", { keyPath: "id" });
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => failed(asked.error);
});

async function stored(mode, act) {
  const store = (await opened).transaction("forms", mode).objectStore("forms");
  return new Promise((done, failed) => {
    const asked = act(store);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function isConnected(form) {
  if (!navigator.onLine) return false;
  const asked = fetch(form.dataset.queue, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  return asked.then((answer) => answer.ok, () => false);
}

function bodyOf(entries) {
  const body = new FormData();
  entries.forEach(([name, value]) => body.append(name, value));
  return body;
}

// What one person left on a shared device is not sent, nor shown, in another's name.
const box = document.querySelector("[data-queued]");

async function own() {
  const all = await stored("readonly", (forms) => forms.getAll());
  return all.filter((one) => box && one.who === box.dataset.who).sort((one, other) => one.at - other.at);
}

async function deliver() {
  if (!navigator.onLine) return show();
  for (const one of await own()) {
    if (one.refused) continue;
    const sent = { method: "POST", body: bodyOf(one.entries), headers: { Accept: "application/json" } };
    const answer = await fetch(one.action, sent).catch(() => null);
    if (!answer || answer.status >= 500 || answer.status === 401 || answer.status === 429) break;
    if (answer.ok) {
      await stored("readwrite", (forms) => forms.delete(one.id));
    } else {
      const told = await answer.json().catch(() => ({}));
      const refused = (told.errors || []).map((each) => `${each.detail} ${each.fix}`).join(" ") || String(answer.status);
      await stored("readwrite", (forms) => forms.put({ ...one, refused }));
    }
  }
  return show();
}

async function show() {
  if (!box) return;
  const waiting = await own();
  const list = box.querySelector("ul");
  list.replaceChildren(...waiting.map((one) => {
    const item = document.createElement("li");
    item.textContent = one.refused ? `${one.title}: ${one.refused} ` : `${one.title} `;
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "small";
    drop.textContent = box.dataset.drop;
    drop.addEventListener("click", async () => { await stored("readwrite", (forms) => forms.delete(one.id)); show(); });
    if (one.refused) item.append(drop);
    return item;
  }));
  box.hidden = waiting.length === 0;
}

document.querySelectorAll("form[data-queue]").forEach((form) => form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await isConnected(form)) {
    form.submit();
    return;
  }
  const entries = [...new FormData(form)];
  const named = Object.fromEntries(entries);
  const about = { who: box.dataset.who, action: form.action, title: named.title };
  const one = { id: named.command_id, at: Date.now(), ...about, entries };
  await stored("readwrite", (forms) => forms.put(one));
  form.reset();
  form.elements.command_id.value = crypto.randomUUID();
  delete form.dataset.sent;
  await show();
  box.focus();
}));

window.addEventListener("online", deliver);
deliver();
