"""What is wrong with a page as it is shown: to axe, to a narrow screen, to a screen reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from axe_playwright_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Page

# WCAG 2.2, levels A and AA. Styles of other origins are not fetched: there are none.
LEVELS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
START = """
(rules) => {
  const options = { runOnly: rules, resultTypes: ["violations"], preload: false };
  window.looked = axe.run(document, options).then(({ violations }) => violations.map((violation) =>
    `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).join(", ")}`));
}
"""
# What sticks out to the right, so that the whole page can be moved sideways.
OVERFLOW = """
() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const out = [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > wide + 0.5)
    .map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
  return [`${document.documentElement.scrollWidth} px wide: ${out.slice(0, 5).join(", ")}`];
}
"""
# Words that are cut off in something to press.
CUT = """
() => [...document.querySelectorAll("button, .button, .tag, th, label")]
  .filter((element) => element.checkVisibility() && element.scrollWidth > element.clientWidth + 1
                       && getComputedStyle(element).overflowX !== "visible"
                       && element.clientWidth > 1)
  .map((element) => `cut off: ${element.textContent.trim().slice(0, 60)}`)
"""
# A key that one does not see, that two answer to, or that means something else everywhere.
KEYS = """
() => {
  const scope = document.querySelector("dialog[open]") ?? document;
  const seen = new Set();
  const bearers = [...scope.querySelectorAll("[data-key]")];
  return bearers.filter((element) => element.checkVisibility()).flatMap((element) => {
    const { key } = element.dataset;
    const places = [element, element.parentElement, ...(element.labels ?? [])];
    const isShown = places.flatMap((place) => [...place.querySelectorAll("kbd")])
      .some((sign) => sign.checkVisibility() && sign.textContent.trim().toLowerCase() === key);
    const faults = [];
    if (!isShown) faults.push(`the key ${key} is not shown`);
    if (seen.has(key)) faults.push(`two answer to the key ${key}`);
    if ("gjk?/".includes(key)) faults.push(`the key ${key} is taken everywhere`);
    seen.add(key);
    return faults;
  });
}
"""


def start_looking(page: Page) -> None:
    """Let axe begin. Several pages can be looked at side by side."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    page.evaluate(START, LEVELS)


def found(page: Page) -> list[str]:
    """Everything that is wrong with the page as it stands. Waits for axe."""
    answers = [page.evaluate(question) for question in ("() => window.looked", OVERFLOW, CUT, KEYS)]
    return [text for texts in cast("list[list[str]]", answers) for text in texts]


def faults_of(page: Page) -> list[str]:
    """Look, and say what was found."""
    start_looking(page)
    return found(page)
