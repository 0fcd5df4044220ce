"""Make docs/images/*.png from a real run: the demo's terminal, its report, and the console.

    python scripts/screenshots.py [--browser /usr/bin/chromium] [--seconds 60]

It starts the demo on this machine, lets buyers order for a while, and looks at it with a headless Chromium.
"""

import argparse
import asyncio
import io
import shutil
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI

from packline.cli.demo.report import report
from packline.cli.demo.screen import Screen
from packline.cli.demo.show import Wish, staged

IMAGES = Path(__file__).parents[1] / "docs" / "images"
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PAGES: tuple[tuple[str, str, int, int, str], ...] = (
    ("console-work", "/", 1280, 760, "light"),
    ("console-work-dark", "/", 1280, 760, "dark"),
    ("console-phone", "/", 360, 740, "light"),
    ("console-shipment", "/shipments", 1280, 900, "light"),
    ("console-calls", "/calls", 1280, 760, "light"),
)


async def main(wanted: argparse.Namespace, folder: Path) -> None:
    """Run the demo and take the pictures."""
    wish = Wish(once=False, orders=0, speed=1.0, port=18800, data=None, json=False)
    async with staged(wish, folder / "data") as stage, async_playwright() as player:
        screen = Screen(stage, data=".packline/demo")
        await asyncio.sleep(wanted.seconds)
        browser = await player.chromium.launch(executable_path=wanted.browser, args=list(QUIET))
        await _console(browser, str(stage.running.url))
        await _picture(browser, "demo", [screen.draw(await stage.amazon.get("stats"))], width=116)
        await _picture(browser, "demo-report", (await report(stage, None)).draw(), width=92)
        await browser.close()


async def _console(browser: Browser, url: str) -> None:
    for name, path, width, height, scheme in PAGES:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            device_scale_factor=2,
        )
        page = await context.new_page()
        await page.goto(url + path)
        if name == "console-shipment":
            await page.click("tbody tr:nth-child(30) a.id")
        await page.wait_for_timeout(3000)
        await page.screenshot(path=IMAGES / f"{name}.png")
        await context.close()


async def _picture(browser: Browser, name: str, drawn: list[Any], width: int) -> None:
    console = Console(record=True, width=width, force_terminal=True, file=io.StringIO())
    for part in drawn:
        console.print(part)
    svg = console.export_svg(title=f"packline {name.replace('-report', ' --once')}", theme=MONOKAI)
    page = await browser.new_page(device_scale_factor=2)
    local = svg.replace("Fira Code", "DejaVu Sans Mono")
    await page.set_content(f"<body style='margin:0'>{local}</body>")
    await page.locator("svg").first.screenshot(path=IMAGES / f"{name}.png", omit_background=True)
    await page.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    parser.add_argument("--seconds", type=float, default=60)
    return parser.parse_args()


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="packline-pictures-"))
    made.chmod(0o755)  # started by root, PostgreSQL runs as a user of its own
    try:
        asyncio.run(main(_arguments(), made))
    finally:
        shutil.rmtree(made, ignore_errors=True)
