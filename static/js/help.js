// Help opens beside the work: F1, from anywhere and also while one types, asks for the help of the present page. Without
// this script its link leads to a page of its own.

const dialog = () => document.getElementById("help");

document.addEventListener("keydown", (event) => {
  if (event.key !== "F1" || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const link = document.querySelector("[data-help]");
  if (!link || document.body.classList.contains("driver-active")) return;
  event.preventDefault();
  if (dialog()?.open) dialog().close();
  else if (!document.querySelector("dialog[open]")) link.click();
});

document.addEventListener("htmx:after:swap", () => {
  const shown = dialog();
  if (!shown || shown.open || !shown.querySelector(".help:not([data-seen])")) return;
  shown.querySelector(".help").dataset.seen = "";
  document.querySelector("#user-menu:popover-open")?.hidePopover();
  shown.showModal();
  shown.querySelector("h1")?.focus();
});
