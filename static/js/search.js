// The box of everything: Ctrl+K or ⌘K from anywhere, "/" outside fields. Arrows choose, Enter opens or does, Escape
// leaves and gives the focus back. htmx brings the answers as one types; this file only moves between them.

const box = document.querySelector("[data-search]");

if (box) {
  const found = document.getElementById("found");
  const options = () => [...found.querySelectorAll("[role=option]")];
  const chosen = () => found.querySelector("[aria-selected=true]");
  let before = null;

  const choose = (option) => {
    options().forEach((other) => other.setAttribute("aria-selected", String(other === option)));
    if (option) {
      box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      box.removeAttribute("aria-activedescendant");
    }
  };

  const step = (by) => {
    const all = options();
    if (all.length) choose(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
  };

  const open = () => {
    document.querySelector("dialog[open]")?.close();
    document.querySelector("[popover]:popover-open")?.hidePopover();
    box.focus();
    box.select();
    box.dispatchEvent(new CustomEvent("palette-opened", { bubbles: true }));
  };

  const close = () => {
    box.value = "";
    found.replaceChildren();
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
    box.blur();
    if (before?.isConnected) before.focus();
    before = null;
  };

  const keys = {
    ArrowDown: () => (options().length ? step(1) : open()),
    ArrowUp: () => step(chosen() ? -1 : 0),
    Enter: () => (chosen() ?? options()[0])?.click(),
    Escape: close,
  };

  box.addEventListener("keydown", (event) => {
    // Enter before the answers are here sends the form, and the page of answers comes instead: what was on offer for
    // less of the term is not what is meant.
    const isEarly = !options().length || found.getAttribute("aria-busy") === "true";
    if (!keys[event.key] || (event.key === "Enter" && isEarly)) return;
    event.preventDefault();
    keys[event.key]();
  });

  box.addEventListener("focus", (event) => {
    before ??= event.relatedTarget;
  });

  found.addEventListener("mousedown", (event) => event.preventDefault());

  found.addEventListener("click", (event) => {
    const { press } = event.target.closest("[data-press]")?.dataset ?? {};
    if (!press) return;
    close();
    document.dispatchEvent(new CustomEvent("palette-press", { detail: press }));
  });

  box.addEventListener("input", () => found.setAttribute("aria-busy", "true"));

  document.addEventListener("htmx:after:swap", () => {
    // An answer that comes after one has left is not shown.
    if (document.activeElement !== box) return found.replaceChildren();
    const { term } = found.querySelector("[data-term]")?.dataset ?? {};
    found.setAttribute("aria-busy", String(term !== undefined && term !== box.value.trim()));
    box.setAttribute("aria-expanded", String(options().length > 0));
    if (options().length && !chosen()) choose(options()[0]);
  });

  document.addEventListener("keydown", (event) => {
    const withControl = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
    const isSlash =
      event.key === "/" &&
      document.body.dataset.shortcuts !== "off" &&
      !event.target.closest?.("input, textarea, select, [contenteditable]");
    if (!withControl && !isSlash) return;
    event.preventDefault();
    open();
  });

  // From the administration, which has no box of its own.
  if (location.hash === "#find") addEventListener("load", open);
}

// Whoever was looked for and not found is written down without typing it again. The term stays in this tab.
const KEPT = "kuitti.looked-for";

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-new-customer]")) sessionStorage.setItem(KEPT, box?.value.trim() ?? "");
});

const newCustomer = document.querySelector("form[data-prefill]");
const kept = sessionStorage.getItem(KEPT);

if (newCustomer && kept) {
  sessionStorage.removeItem(KEPT);
  const field = kept.includes("@") ? "email" : /^[+\d\s()-]+$/.test(kept) ? "phone" : "name";
  newCustomer.elements[field].value ||= kept;
  newCustomer.elements[field === "name" ? "phone" : "name"].focus();
}
