// Single keys press what carries them: <button data-key="r">. They work only outside fields, and not at all for people
// who turned them off. data-key-focus moves there instead of pressing, so that Enter is the act. In a list J and K move
// from row to row; data-row-key is heard only in the row that has the focus. G and a second key lead to another page.

const FIELDS = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const ROWS = "[data-rows] [data-row]";
const CHORD_LASTS = 1500;

function areOff() {
  return document.body.dataset.shortcuts === "off" || document.body.classList.contains("driver-active");
}

function isTyping(target) {
  return target instanceof Element && target.closest(FIELDS) !== null;
}

function isPlain(event) {
  return !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat);
}

function canBePressed(element) {
  return !element.disabled && element.getAttribute("aria-disabled") !== "true" && element.checkVisibility();
}

function bearersHere() {
  const scope = document.querySelector("dialog[open]") ?? document;
  return [...scope.querySelectorAll("[data-key]")].filter(canBePressed);
}

function bearerOf(key) {
  return bearersHere().find((element) => element.dataset.key === key);
}

function bearerInRow(key) {
  const row = document.activeElement?.closest("[data-rows] li, [data-rows] tr");
  return [...(row?.querySelectorAll("[data-row-key]") ?? [])].find(
    (element) => element.dataset.rowKey === key && canBePressed(element),
  );
}

function onlyTakesFocus(element) {
  return element.matches(FIELDS) || "keyFocus" in element.dataset;
}

function press(element) {
  if (onlyTakesFocus(element)) {
    element.focus();
    if (element.matches("input")) element.select?.();
  } else {
    element.click();
  }
}

function moveBetweenRows(step) {
  const rows = [...document.querySelectorAll(ROWS)].filter(canBePressed);
  const here = document.activeElement?.closest("[data-rows] li, [data-rows] tr");
  const at = rows.findIndex((row) => row === document.activeElement || here?.contains(row));
  const next = rows[at + step] ?? (step > 0 ? rows[0] : rows.at(-1));
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return next !== undefined;
}

// Help

function showHelp() {
  const dialog = document.getElementById("keys-help");
  const list = dialog?.querySelector("[data-keys-here]");
  if (!list) return false;
  const lines = [...bearersHere(), ...bearersOfRows()].map((element) => {
    const line = document.createElement("li");
    const name = document.createElement("span");
    const key = document.createElement("kbd");
    name.textContent = nameOf(element);
    key.textContent = (element.dataset.key ?? element.dataset.rowKey).toUpperCase();
    line.append(name, key);
    return line;
  });
  list.replaceChildren(...lines);
  dialog.showModal();
  return true;
}

function bearersOfRows() {
  const first = new Map();
  for (const element of document.querySelectorAll("[data-row-key]")) {
    if (!first.has(element.dataset.rowKey)) first.set(element.dataset.rowKey, element);
  }
  return [...first.values()];
}

function nameOf(element) {
  const said = element.dataset.keyName ?? element.getAttribute("aria-label") ?? element.labels?.[0];
  if (typeof said === "string") return said;
  const copy = (said ?? element).cloneNode(true);
  copy.querySelectorAll("kbd").forEach((key) => key.remove());
  return copy.textContent.trim().replace(/\s+/g, " ");
}

// Chords

let chordBegan = -CHORD_LASTS;

function chordOf(key, at) {
  const isSecond = at - chordBegan < CHORD_LASTS;
  chordBegan = -CHORD_LASTS;
  if (isSecond) return document.querySelector(`[data-chord="${CSS.escape(`g ${key}`)}"]`);
  if (key === "g" && !bearerOf("g")) chordBegan = at;
  return null;
}

document.addEventListener("keydown", (event) => {
  if (areOff() || !isPlain(event) || isTyping(event.target)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const place = event.shiftKey ? null : chordOf(key, event.timeStamp);
  const done =
    (place && (place.click(), true)) ||
    (key === "?" && showHelp()) ||
    ((key === "j" || key === "k") && !bearerOf(key) && moveBetweenRows(key === "j" ? 1 : -1));
  const bearer = done || event.shiftKey ? undefined : (bearerInRow(key) ?? bearerOf(key));
  if (bearer) press(bearer);
  if (done || bearer) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-keys-help]")) showHelp();
});

// The palette asks what can be pressed here, before its question leaves, and has one of it pressed.

document.addEventListener(
  "palette-opened",
  (event) => {
    const bearers = bearersHere().filter((element) => !element.hasAttribute("aria-current"));
    const acts = [...bearers, ...document.querySelectorAll("[data-keys-help]")].map((element) => {
      const act = document.createElement("input");
      act.type = "hidden";
      act.name = "act";
      act.value = `${element.dataset.key ?? "?"} ${nameOf(element)}`;
      return act;
    });
    event.target.form.querySelector("[data-acts-here]").replaceChildren(...acts);
  },
  { capture: true },
);

document.addEventListener("palette-press", (event) => {
  const bearer = bearerOf(event.detail);
  if (bearer) press(bearer);
  else if (event.detail === "?") showHelp();
});

// An address may name the field to begin with. It never presses: whoever made the address is not the reader.

const wanted = /^#key-([a-z0-9])$/.exec(location.hash)?.[1];
const field = wanted && bearerOf(wanted);
if (field && onlyTakesFocus(field)) press(field);
