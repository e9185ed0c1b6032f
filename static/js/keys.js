// Single keys press what carries them: <button data-key="r">. They work only outside fields, and not at all for people
// who turned them off. data-key-focus moves there instead of pressing, so that Enter is the act.

const FIELDS = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const ROWS = "[data-rows] a[data-row]";

function areOff() {
  return document.body.dataset.shortcuts === "off";
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

function bearerOf(key) {
  const scope = document.querySelector("dialog[open]") ?? document;
  return [...scope.querySelectorAll("[data-key]")].find(
    (element) => element.dataset.key === key && canBePressed(element),
  );
}

function press(element) {
  if (element.matches(FIELDS)) {
    element.focus();
    element.select?.();
  } else if ("keyFocus" in element.dataset) {
    element.focus();
  } else {
    element.click();
  }
}

function moveBetweenRows(step) {
  const rows = [...document.querySelectorAll(ROWS)];
  const next = rows[rows.indexOf(document.activeElement) + step] ?? (step > 0 ? rows[0] : rows.at(-1));
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return next !== undefined;
}

function showHelp() {
  const dialog = document.getElementById("keys-help");
  const list = dialog?.querySelector("[data-keys-here]");
  if (!list) return false;
  const lines = [...document.querySelectorAll("[data-key]")].filter(canBePressed).map((element) => {
    const line = document.createElement("li");
    const name = document.createElement("span");
    const key = document.createElement("kbd");
    name.textContent = element.dataset.keyName ?? element.getAttribute("aria-label") ?? nameOf(element);
    key.textContent = element.dataset.key.toUpperCase();
    line.append(name, key);
    return line;
  });
  list.replaceChildren(...lines);
  dialog.showModal();
  return true;
}

function nameOf(element) {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd").forEach((key) => key.remove());
  return copy.textContent.trim().replace(/\s+/g, " ");
}

document.addEventListener("keydown", (event) => {
  if (areOff() || !isPlain(event) || isTyping(event.target)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "?" && showHelp()) {
    event.preventDefault();
    return;
  }
  if ((key === "j" || key === "k") && !bearerOf(key) && moveBetweenRows(key === "j" ? 1 : -1)) {
    event.preventDefault();
    return;
  }
  const bearer = event.shiftKey ? undefined : bearerOf(key);
  if (bearer) {
    event.preventDefault();
    press(bearer);
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-keys-help]")) showHelp();
});
