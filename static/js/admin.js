// Django's autocomplete boxes forget the label of the field they stand for: tell them.

function nameBoxes() {
  for (const select of document.querySelectorAll("select.admin-autocomplete[id]")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const shown = select.parentElement.querySelector(".select2-selection__rendered");
    if (label && shown) shown.setAttribute("aria-label", label.textContent.replace(":", "").trim());
  }
}

// After those that draw the boxes: jQuery keeps the order in which it was asked.
window.django?.jQuery?.(nameBoxes);

// The palette lives on the desk's pages: Ctrl+K or ⌘K leads to it.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  location.assign(document.querySelector("link[rel=search]").href);
});
