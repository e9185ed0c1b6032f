// When the server fails, or the person was signed out meanwhile, the screen says so and never pretends.

function show() {
  const place = document.getElementById("trouble");
  const text = document.getElementById("trouble-text");
  place?.replaceChildren(text.content.cloneNode(true));
}

document.addEventListener("htmx:before:response", (event) => {
  const answer = event.detail.ctx.response.raw;
  // A redirect inside a panel means the sign-in page: go there with the whole page.
  if (answer.status === 401 || (answer.redirected && new URL(answer.url).pathname.startsWith("/accounts/"))) {
    event.preventDefault();
    location.reload();
  }
});

document.addEventListener("htmx:response:error", (event) => {
  if (event.detail.ctx.response.raw.status >= 500) show();
});

document.addEventListener("htmx:error", (event) => {
  // A request that a newer one replaced is no trouble.
  if (event.detail.error?.name !== "AbortError") show();
});
