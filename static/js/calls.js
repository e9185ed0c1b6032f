// The telephone: the clock of a call, the customer who opens by itself on the desk, and what copies a number.
// Without this file the same is shown and pressed; only the clock stands still.

const counted = new WeakMap();

function secondsOf(element) {
  const shown = element.dataset.countUp;
  const known = counted.get(element);
  if (known?.shown === shown) return Math.floor((performance.now() - known.at) / 1000);
  counted.set(element, { shown, at: performance.now() - Number(shown) * 1000 });
  return Number(shown);
}

function clockOf(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds < 3600 ? rest : `${Math.floor(seconds / 3600)}:${rest}`;
}

function count() {
  for (const element of document.querySelectorAll("[data-count-up]")) {
    element.textContent = clockOf(secondsOf(element));
  }
}

setInterval(count, 1000);

// Where the day starts and nothing is typed, a known caller's page opens by itself, once a call.
const OPENED = "kuitti.opened-call";

function openKnownCaller() {
  const link = document.querySelector("a[data-call-open^=call_]");
  const isFree = "opensCalls" in document.body.dataset && !document.querySelector("dialog[open]");
  const isTyping = Boolean(document.querySelector("[data-search]")?.value);
  if (!link || !isFree || isTyping || document.visibilityState !== "visible") return;
  if (sessionStorage.getItem(OPENED) === link.dataset.callOpen) return;
  sessionStorage.setItem(OPENED, link.dataset.callOpen);
  link.click();
}

document.addEventListener("htmx:after:swap", openKnownCaller);
openKnownCaller();

document.addEventListener("keydown", (event) => {
  const isIdle = document.activeElement === document.body && !document.querySelector("dialog[open]");
  if (event.key !== "Enter" || !isIdle || document.body.dataset.shortcuts === "off") return;
  document.querySelector("[data-call-open]")?.click();
});

document.addEventListener("click", async (event) => {
  const copier = event.target.closest?.("[data-copy]");
  if (copier) {
    await navigator.clipboard.writeText(copier.dataset.copy);
    copier.firstElementChild.textContent = copier.dataset.copied;
  }
  if (event.target.closest?.("[data-find]")) document.querySelector("[data-search]")?.focus();
});
