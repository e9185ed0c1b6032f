// The search box: Ctrl+K or ⌘K from anywhere, "/" outside fields; arrows choose, Enter opens, Escape leaves.
// htmx brings the answers as one types; this file only moves between them.

const box = document.querySelector("[data-search]");

if (box) {
  const found = document.getElementById("found");
  const options = () => [...found.querySelectorAll("[role=option]")];
  const chosen = () => found.querySelector("[aria-selected=true]");

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

  const close = () => {
    found.replaceChildren();
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };

  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(chosen() ? -1 : 0),
    Enter: () => (chosen() ?? options()[0])?.click(),
    Escape: () => {
      if (box.value || options().length) {
        box.value = "";
        close();
      } else {
        box.blur();
      }
    },
  };

  box.addEventListener("keydown", (event) => {
    // Enter before the answers are here sends the form, and the page of answers comes instead.
    if (!keys[event.key] || (event.key === "Enter" && !options().length)) return;
    event.preventDefault();
    keys[event.key]();
  });

  found.addEventListener("mousedown", (event) => event.preventDefault());

  document.addEventListener("htmx:after:swap", () => {
    box.setAttribute("aria-expanded", String(options().length > 0));
    if (document.activeElement === box && options().length && !chosen()) choose(options()[0]);
  });

  document.addEventListener("keydown", (event) => {
    const withControl = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
    const isSlash =
      event.key === "/" &&
      document.body.dataset.shortcuts !== "off" &&
      !event.target.closest?.("input, textarea, select, [contenteditable]");
    if (!withControl && !isSlash) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
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
