// htmx takes a page in hand a turn after it has loaded. A key pressed in that turn would lead away from the work, as it
// does without scripts, so the page is put in hand now, before the modules after this one hear keys.
window.htmx.process(document.body);
