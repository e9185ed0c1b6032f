"""Where a Chromium is: Debian's, another one on the path, or Playwright's own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FOLDERS = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")
HOW_TO_GET_ONE = (
    "no Chromium was found. Get one with `apt-get install chromium`"
    " or `.venv/bin/playwright install chromium`."
)


def find() -> str:
    """The path of a Chromium that can be started, or nothing."""
    on_path = next(filter(None, map(shutil.which, PROGRAMS)), None)
    return on_path or next(map(str, _of_playwright()), "")


def _of_playwright() -> list[Path]:
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    folders = [Path(folder).expanduser() for folder in ([named] if named else FOLDERS)]
    patterns = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
    found = [path for folder in folders for pattern in patterns for path in folder.glob(pattern)]
    return sorted(found, reverse=True)
