// Small things of the Pay panel and the rail. Without this file the same is shown, only it does not count down.

// The seconds until a silent provider is asked again. At nought the rail is read anew, until there is news.
const counted = new WeakMap();
const ASK_EVERY_S = 4;

function secondsLeft(element) {
  const { countdown, countdownUntil } = element.dataset;
  const known = counted.get(element);
  if (known?.until === countdownUntil) return Math.round((known.at - performance.now()) / 1000);
  counted.set(element, { until: countdownUntil, at: performance.now() + Number(countdown) * 1000 });
  return Number(countdown);
}

function clock(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function count() {
  for (const element of document.querySelectorAll("[data-countdown]")) {
    const left = secondsLeft(element);
    const shown = Math.max(0, left);
    element.textContent = clock(shown);
    const panel = element.closest("[data-live-topic]");
    if (left <= 0 && -left % ASK_EVERY_S === ASK_EVERY_S - 1 && panel) window.htmx.trigger(panel, "news");
  }
}

setInterval(count, 1000);

// News must not take away what somebody is typing.
const AMOUNT = "#pay-amount";

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(AMOUNT)) event.target.setAttribute("hx-morph-skip", "");
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches?.(AMOUNT)) event.target.removeAttribute("hx-morph-skip");
});

// What is mostly typed anew is chosen whole, so that the first figure replaces it.
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("[data-selects]")) event.target.select();
});

// The answer before it may have taken a panel away from a request that waited for its turn, or that was under way: such
// a request is let go. What it would have brought may be newer than what stands there, so the new panel asks again.
function letGo({ target }) {
  if (target?.id === "pay-panel") window.htmx.trigger(document.body, "payments-changed");
}

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.isConnected) return;
  event.preventDefault();
  letGo(ctx);
});

// Asked when there is nothing more to wait for before the answer is shown.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  const here = tasks.filter(({ target }) => !(target instanceof Element) || target.isConnected);
  if (here.length === tasks.length) return;
  tasks.splice(0, tasks.length, ...here);
  letGo(ctx);
});

// A value goes to the clipboard, and its button says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.firstElementChild.textContent = button.dataset.copied;
});
