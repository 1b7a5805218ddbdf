"""A table of every page: Lighthouse (mobile), axe-core in light and dark, KiB and requests before figures.

``make site-report`` calls it, after a build::

    python tests/browser/site_report.py _build/html --runs 3

Lighthouse comes from npm and lies in ``tests/browser/lighthouse``, apart from everything else. Its performance score is
the median of several runs, with the slow phone and network that it simulates; on a busy machine it is lower, so the
table ends with the machine's load. The other three categories do not depend on time.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

import conftest

LIGHTHOUSE = Path(__file__).parent / "lighthouse"
GOAL = {"performance": 95, "accessibility": 100, "practices": 100, "seo": 100}
KIB, REQUESTS = 300, 20
HEAD = (
    "page",
    "perf",
    "a11y",
    "best",
    "seo",
    "axe",
    "KiB",
    "unpacked",
    "requests",
    "paint s",
    "largest s",
    "block ms",
    "shift",
)


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def lighthouse(port: int, runs: int, addresses: list[str]) -> Iterator[dict]:
    """Yield what Lighthouse says of each address, in Chromium on a port.

    Raises:
        SystemExit: Lighthouse is not installed, or failed.

    """
    if not (LIGHTHOUSE / "node_modules").is_dir():
        raise SystemExit(f"Lighthouse is not installed: npm ci --prefix {LIGHTHOUSE}")
    command = ["node", "run.mjs", str(port), str(runs), *addresses]
    with subprocess.Popen(command, cwd=LIGHTHOUSE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        raise SystemExit(f"Lighthouse failed with status {process.returncode}")


def faults(row: dict) -> list[str]:
    """Return what falls short of the goals on a page."""
    found = [
        f"{name} {row[name]}" for name, goal in GOAL.items() if row[name] is not None and row[name] < goal
    ]
    found += [f"Lighthouse: {name}" for name in row["failed"]]
    found += [f"axe: {text}" for text in row["axe"]]
    if row["kib"] > KIB:
        found.append(f"{row['kib']:.0f} KiB")
    if row["requests"] > REQUESTS:
        found.append(f"{row['requests']} requests")
    return found


def main() -> int:
    """Print the table, and return whether a page falls short."""
    parser = argparse.ArgumentParser(description="Lighthouse, axe and weight of every page.")
    parser.add_argument("html", type=Path, nargs="?", default=Path("_build/html"), help="the built site")
    parser.add_argument("pages", nargs="*", help="pages, relative to the site; all of them by default")
    parser.add_argument(
        "--runs", type=int, default=3, help="runs of Lighthouse; 0: only what does not time anything"
    )
    parser.add_argument("--json", type=Path, help="also write everything here")
    chosen = parser.parse_args()
    conftest.HTML = chosen.html.resolve()
    names = chosen.pages or conftest.pages()
    if not names:
        raise SystemExit(f"There is no built site in {chosen.html}: run 'make book' first.")
    path = conftest.chromium_path()
    if path is None:
        raise SystemExit("Chromium was not found: apt install chromium, or set CHROMIUM to its path")
    server, address = conftest.start_server(conftest.HTML)
    port = free_port()
    rows = []
    width = max(map(len, names))
    print(f"{HEAD[0]:<{width}}  " + "  ".join(HEAD[1:]), flush=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*conftest.FLAGS, f"--remote-debugging-port={port}"]
        )
        visitor = conftest.Visitor(browser)
        weights = {name: visitor.weigh(address + name) for name in names}
        axe = {
            name: [
                text
                for theme in ("light", "dark")
                for text in visitor.visit((conftest.HTML / name).as_uri(), theme).axe
            ]
            for name in names
        }
        found = lighthouse(port, chosen.runs, [address + name for name in names])
        for name, row in zip(names, found, strict=True):
            weight = weights[name]
            row |= {
                "page": name, "axe": axe[name], "kib": weight.sent / 1024, "whole": weight.whole / 1024,
                "requests": weight.requests,
            }  # fmt: skip
            rows.append(row)
            cells = (
                "–" if row["performance"] is None else row["performance"], row["accessibility"], row["practices"],
                row["seo"], len(row["axe"]), f"{row['kib']:.0f}", f"{row['whole']:.0f}", row["requests"],
                f"{row['paint'] / 1000:.1f}", f"{row['largest'] / 1000:.1f}", row["blocking"], f"{row['shift']:.3f}",
            )  # fmt: skip
            line = "  ".join(f"{cell!s:>{len(head)}}" for cell, head in zip(cells, HEAD[1:], strict=True))
            print(f"{name:<{width}}  {line}", flush=True)
        browser.close()
    server.shutdown()
    short = {row["page"]: found for row in rows if (found := faults(row))}
    print(f"\n{len(rows)} pages; load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")
    for name, texts in short.items():
        print(f"{name}: {'; '.join(texts)}")
    if not short:
        print("Every page meets its goals.")
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return bool(short)


if __name__ == "__main__":
    sys.exit(main())
