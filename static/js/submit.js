// A form is sent once. The server would refuse the second one anyway; this only keeps the screen calm.

const SENT = "sent";

function buttonsOf(form) {
  return [...form.elements].filter((element) => element.type === "submit");
}

function hold(form) {
  form.dataset[SENT] = "yes";
  // Disabled only after the browser has read which button was pressed.
  setTimeout(() => {
    if (!(SENT in form.dataset)) return;
    for (const button of buttonsOf(form)) {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
    }
  });
}

function release(form) {
  if (!(SENT in form.dataset)) return;
  delete form.dataset[SENT];
  for (const button of buttonsOf(form)) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method === "dialog" || "many" in form.dataset) return;
    if (SENT in form.dataset) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    hold(form);
  },
  { capture: true },
);

// A refused form of the browser's own checks never leaves; nor does one another listener stopped.
document.addEventListener("submit", (event) => {
  const usesHtmx = event.target.matches?.("[hx-post], [hx-get]");
  if (event.defaultPrevented && !usesHtmx) release(event.target);
});

document.addEventListener("htmx:finally:request", (event) => {
  const form = event.target.closest?.("form");
  if (form) release(form);
});

// Back and forward bring the page as it was left: free its buttons again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
});
