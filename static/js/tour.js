// The tour of the desk, by driver.js: arrow keys lead on and back, Esc ends it, Tab stays within it. It begins once by
// itself, never while a call is there, and again where the address asks for it. Stops that are not on the page are left out.

const template = document.getElementById("tour");
const told = template.dataset;

function stops() {
  return [...template.content.querySelectorAll("li")].flatMap((stop) => {
    const element = document.querySelector(`[data-tour="${stop.dataset.at}"]`);
    if (!element?.checkVisibility()) return [];
    return [{ element, popover: { title: stop.querySelector("b").textContent, description: stop.querySelector("p").textContent } }];
  });
}

function note() {
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  fetch(told.taken, { method: "POST", headers });
}

// driver.js tells screen readers that the place opens the box. A heading or a search box cannot do that: it is untrue.
function quieten(element) {
  for (const name of ["aria-haspopup", "aria-expanded", "aria-controls"]) element?.removeAttribute(name);
}

// driver.js says its buttons; what a screen reader needs besides, and the way on from the last stop, is added here.
function finish(popover, { driver }) {
  popover.closeButton.setAttribute("aria-label", told.close);
  popover.wrapper.setAttribute("aria-modal", "true");
  if (driver.isLastStep() && told.floor) {
    const link = document.createElement("a");
    link.href = told.floor;
    link.className = "button";
    link.textContent = told.floorName;
    popover.footerButtons.prepend(link);
  }
  queueMicrotask(() => {
    quieten(driver.getActiveElement());
    popover.nextButton.focus();
  });
}

function begin() {
  const before = document.activeElement;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const tour = window.driver.js.driver({
    steps: stops(),
    animate: !isCalm,
    smoothScroll: !isCalm,
    overlayOpacity: 0.45,
    stagePadding: 6,
    stageRadius: 8,
    disableActiveInteraction: true,
    overlayClickBehavior: () => {},
    popoverClass: "tour",
    showProgress: true,
    progressText: told.progress,
    nextBtnText: told.next,
    prevBtnText: told.back,
    doneBtnText: told.done,
    onPopoverRender: finish,
    onHighlighted: quieten,
    onDestroyed: () => (before instanceof HTMLElement ? before : document.getElementById("main")).focus(),
  });
  note();
  tour.drive();
}

const isAsked = new URLSearchParams(location.search).has("tour");
const isBusy = document.querySelector("dialog[open], .call-pop, .bar .call") !== null;
if (isAsked || !isBusy) begin();
