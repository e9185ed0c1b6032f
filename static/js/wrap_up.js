// What asks for the focus gets it only where nothing else has it: nobody is interrupted while typing.

document.addEventListener("htmx:after:swap", () => {
  const wanted = document.querySelector("[data-focus-if-idle]");
  if (wanted && (document.activeElement === null || document.activeElement === document.body)) wanted.focus();
});
