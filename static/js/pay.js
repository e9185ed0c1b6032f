// The customer's page: says that it is in front of somebody, and watches a payment being confirmed.

const form = document.querySelector("form[data-opened]");

function tellOpened() {
  if (document.visibilityState !== "visible" || document.prerendering) return;
  document.removeEventListener("visibilitychange", tellOpened);
  fetch(form.dataset.opened, { method: "POST", keepalive: true }).catch(() => {});
}

if (form) {
  document.addEventListener("visibilitychange", tellOpened);
  document.addEventListener("prerenderingchange", tellOpened);
  tellOpened();
}

// Asked often while the customer is likely to wait, then seldom.
const OFTEN_MS = 2000;
const SELDOM_MS = 15000;
const OFTEN_TIMES = 60;

const waiting = document.querySelector("[data-watch]");
let looks = 0;

async function look() {
  looks += 1;
  try {
    const answer = await fetch(waiting.dataset.watch, { cache: "no-store" });
    const now = answer.ok ? await answer.json() : null;
    if (now && now.state !== waiting.dataset.state) {
      location.replace(now.next);
      return;
    }
  } catch {
    // No network just now: the next look may find it again.
  }
  setTimeout(look, looks < OFTEN_TIMES ? OFTEN_MS : SELDOM_MS);
}

if (waiting) setTimeout(look, OFTEN_MS);
