"""Take pictures of built pages as readers see them: desktop and phone, light and dark, whole page.

For authors, before a chapter is called finished::

    python tools/screenshots.py _build/html pictures perceptron.html index.html

Needs the ``dev`` dependencies and Chromium (``apt install chromium``, or name it in ``CHROMIUM``).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    # a page taller than this would come out blank below it
    "--force-device-scale-factor=1",
]
SCREENS = {"desktop": (1280, 900), "phone": (360, 740)}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TALLEST = 16000  # pixels; Chromium's pictures end near 16,384


def chromium() -> str:
    """Return the path of Chromium, or stop with a line that says how to get it."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        found = name and shutil.which(name)
        if found:
            return found
    raise SystemExit("Chromium was not found: apt install chromium, or set CHROMIUM to its path")


def main() -> int:
    """Read the arguments and write one PNG for each page, screen and theme."""
    parser = argparse.ArgumentParser(description="Pictures of built pages.")
    parser.add_argument("html", type=Path, help="the built site, for instance _build/html")
    parser.add_argument("into", type=Path, help="folder for the pictures")
    parser.add_argument("pages", nargs="+", help="pages, relative to the site")
    parser.add_argument("--screen", choices=SCREENS, action="append", help="default: all")
    parser.add_argument("--theme", choices=THEMES, action="append", help="default: all")
    parser.add_argument(
        "--window", action="store_true", help="only what the window shows, not the whole page"
    )
    arguments = parser.parse_args()
    arguments.into.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for screen in arguments.screen or SCREENS:
            width, height = SCREENS[screen]
            for theme in arguments.theme or THEMES:
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
                )
                page = context.new_page()
                for name in arguments.pages:
                    page.goto((arguments.html.resolve() / name).as_uri(), wait_until="load")
                    # lazy pictures load when they come into view
                    page.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
                    page.evaluate("document.fonts.ready")
                    page.wait_for_timeout(300)
                    tall = page.evaluate("document.documentElement.scrollHeight")
                    target = arguments.into / f"{Path(name).with_suffix('').name}-{screen}-{theme}.png"
                    if arguments.window:
                        page.screenshot(path=target)
                    else:
                        clip = {"x": 0, "y": 0, "width": width, "height": min(tall, TALLEST)}
                        page.screenshot(path=target, full_page=True, clip=clip)  # type: ignore[arg-type]
                    print(target)
                context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
