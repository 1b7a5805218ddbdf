"""Ask every external link of the built book whether it still leads somewhere: ``make check-links``.

It needs the network, so it belongs to no build and to no test; a scheduled workflow runs it. It reads the pages as
they were built, and so sees every link that a reader sees, those of the bibliography and of outputs included; and the
README. Sphinx's own checker of links asks: with retries, timeouts, anchors and the waits that a server demands.

A DOI is looked up in the register of its resolver, for behind it stand publishers that answer no program. A server that
refuses programs has not said that the page is gone: such links are listed, and do not count as broken.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

RESOLVER = "https://doi.org"
BUILT = (Path("_build/html"), Path("_build/quick/html"))
"""Where a book may lie: as it is published, and as the tests build it."""

MARKDOWN = re.compile(r"\]\((https?://[^)\s]+)\)|<(https?://[^>\s]+)>")
REFUSED = re.compile(r"\b(401|403|405|406|418|429|451|999)\b|unauthorized")
"""What a server says to a program that it does not want to serve."""

SETTINGS: dict[str, Any] = {
    "linkcheck_ignore": [r"https?://(localhost|127\.0\.0\.1)[:/]"],
    "linkcheck_exclude_documents": [],
    "linkcheck_allowed_redirects": {},
    "linkcheck_auth": [],
    "linkcheck_request_headers": {},
    "linkcheck_retries": 2,
    "linkcheck_timeout": 30,
    "linkcheck_workers": 5,
    "linkcheck_anchors": True,
    "linkcheck_anchors_ignore": [r"^!", r"^L\d+"],
    "linkcheck_anchors_ignore_for_url": [r"https://github\.com/"],  # a script makes them, in the browser
    "linkcheck_rate_limit_timeout": 300.0,
    "linkcheck_allow_unauthorized": False,
    "linkcheck_report_timeouts_as_broken": True,
    "user_agent": "Mozilla/5.0 (compatible; a textbook that checks its links)",
    "tls_verify": True,
    "tls_cacerts": None,
}


@dataclass
class Answers:
    """What the servers said of all links."""

    working: int = 0
    broken: dict[str, str] = field(default_factory=dict)
    """What is wrong, by address."""
    undecided: dict[str, str] = field(default_factory=dict)
    """Addresses whose server would not serve a program, or could not at the time, with what it said."""


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href") or ""
        if tag == "a" and urlsplit(href).scheme in ("http", "https"):
            self.found.append(href)


def links_of(html: Path, readme: Path | None = None) -> dict[str, list[str]]:
    """Return every external address of the built pages and of the README, with the pages that lead to it."""
    found: dict[str, list[str]] = defaultdict(list)
    for page in sorted(html.rglob("*.html")):
        parser = _Links()
        parser.feed(page.read_text(encoding="utf-8"))
        for address in dict.fromkeys(parser.found):
            found[address].append(str(page.relative_to(html)))
    if readme is not None and readme.is_file():
        for match in MARKDOWN.finditer(readme.read_text(encoding="utf-8")):
            address = match[1] or match[2]
            if readme.name not in found[address]:
                found[address].append(readme.name)
    return dict(found)


def asked_for(address: str, resolver: str = RESOLVER) -> str:
    """Return the address to ask in place of this one: for a DOI its entry in the register, else itself."""
    parts = urlsplit(address)
    if parts.netloc in ("doi.org", "dx.doi.org") and parts.path.startswith("/10."):
        return f"{resolver}/api/handles{parts.path}"
    return address


def check(addresses: Iterable[str], resolver: str = RESOLVER, **settings: Any) -> Answers:
    """Ask all addresses, several at a time.

    Args:
        addresses: each once.
        resolver: where DOIs are registered.
        settings: in place of those of ``SETTINGS``.

    """
    from sphinx.builders.linkcheck import (  # noqa: PLC0415 - bad input is answered before a slow import
        Hyperlink,
        HyperlinkAvailabilityChecker,
    )

    asked = {asked_for(address, resolver): address for address in addresses}
    links = {uri: Hyperlink(uri, "", "", 0) for uri in asked}
    answers = Answers()
    config: Any = SimpleNamespace(**SETTINGS | settings)
    for result in HyperlinkAvailabilityChecker(config).check(links):
        address = asked[result.uri]
        message = " ".join(result.message.split())
        if result.status == "broken" and REFUSED.search(message):
            answers.undecided[address] = message
        elif result.status in ("broken", "timeout"):
            answers.broken[address] = message
        elif result.status == "ignored" and message:
            answers.undecided[address] = message
        else:
            answers.working += 1
    return answers


def table(title: str, said: Mapping[str, str], pages: Mapping[str, Sequence[str]]) -> str:
    """Return addresses with the pages that lead there and what was said, as lines for a person."""
    if not said:
        return ""
    rows = [(address, ", ".join(pages[address]), message) for address, message in sorted(said.items())]
    widths = [min(70, max(len(row[i]) for row in rows)) for i in range(2)]
    lines = [f"\n{title}", f"  {'address'.ljust(widths[0])}  {'on the page'.ljust(widths[1])}  answer"]
    lines += [f"  {row[0].ljust(widths[0])}  {row[1].ljust(widths[1])}  {row[2][:120]}" for row in rows]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 1 if a link is broken, 2 if there is no book."""
    parser = argparse.ArgumentParser(
        prog="python -m groundtruth.sphinxext.links",
        description="Check every external link. Needs the network.",
    )
    parser.add_argument(
        "--html", type=Path, help="the built pages (default: _build/html, or _build/quick/html)"
    )
    parser.add_argument("--readme", type=Path, default=Path("README.md"))
    parser.add_argument(
        "--resolver", default=RESOLVER, help="where DOIs are registered (default: %(default)s)"
    )
    chosen = parser.parse_args(arguments)
    html = chosen.html or next((folder for folder in BUILT if (folder / "index.html").is_file()), BUILT[0])
    if not (html / "index.html").is_file():
        print(
            f"No links were checked: there is no book in {html}. Run 'make book PROFILE=quick' first.",
            file=sys.stderr,
        )
        return 2
    pages = links_of(html, chosen.readme)
    print(f"Asking {len(pages)} addresses of {html} and {chosen.readme}; this needs the network.", flush=True)
    started = time.monotonic()
    answers = check(pages, chosen.resolver)
    print(
        table("Undecided, for the server would not serve a program, or not now:", answers.undecided, pages),
        end="",
    )
    print(table("Broken:", answers.broken, pages), end="")
    print(
        f"\n{answers.working} links work, {len(answers.broken)} are broken, {len(answers.undecided)} undecided "
        f"({time.monotonic() - started:.0f} seconds)."
    )
    return 1 if answers.broken else 0


if __name__ == "__main__":
    sys.exit(main())
