"""Make docs/images/*.png from a real run: the demo's terminal, its report, and the console.

    python scripts/screenshots.py [--browser /usr/bin/chromium] [--seconds 60] [--pages-only] [--to docs/images]

It starts the demo on this machine, lets buyers order for a while, lets some work fail, and looks at it with a headless
Chromium: light, dark, 360 px wide, right to left. Look at every picture.
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
from packline.cli.demo.show import Stage, Wish, staged
from packline.domain.events import Stuck
from packline.domain.shipment import Problem
from packline.domain.story import Story
from packline.ports import Change

IMAGES = Path(__file__).parents[1] / "docs" / "images"
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PAGES: tuple[tuple[str, str, int, int, str, str], ...] = (
    ("console-work", "/", 1280, 760, "light", "en"),
    ("console-work-dark", "/", 1280, 760, "dark", "en"),
    ("console-work-arabic", "/", 1280, 760, "light", "ar"),
    ("console-work-4k", "/", 3840, 2160, "light", "en"),
    ("console-phone", "/", 360, 740, "light", "en"),
    ("console-phone-arabic", "/", 360, 740, "dark", "ar"),
    ("console-shipment", "{shipment}", 1280, 900, "light", "en"),
    ("console-shipment-dark", "{shipment}", 1280, 900, "dark", "en"),
    ("console-shipment-phone", "{shipment}", 360, 900, "light", "en"),
    ("console-shipment-arabic", "{shipment}", 1280, 900, "light", "ar"),
    ("console-failed", "/failed", 1280, 760, "light", "en"),
    ("console-failed-dark", "/failed", 1280, 760, "dark", "en"),
    ("console-failed-phone", "/failed", 360, 740, "light", "en"),
    ("console-health", "/health", 1280, 860, "light", "en"),
    ("console-health-dark", "/health", 1280, 860, "dark", "en"),
    ("console-calls", "/calls", 1280, 760, "light", "en"),
    ("console-quota", "/quotas", 1280, 760, "light", "en"),
)
"""Name, address, width and height in pixels, light or dark, language."""
FAILING: tuple[tuple[str, str, int], ...] = (
    (
        "refused_by_amazon",
        "Amazon refused createPackages: InvalidInput: The weight is beyond what the carrier takes.",
        3,
    ),
    ("label_failed", "Amazon made no label for package PKG-1: PackageTooLarge: The package is too long.", 2),
    ("impossible_move", "Amazon shows CONFIRMED after SHIPPED; no journey leads from the one to the other.", 1),
)


async def main(wanted: argparse.Namespace, folder: Path) -> None:
    """Run the demo and take the pictures."""
    wish = Wish(once=False, orders=0, speed=1.0, port=18800, data=None, json=False)
    async with staged(wish, folder / "data") as stage, async_playwright() as player:
        screen = Screen(stage, data=".packline/demo")
        await asyncio.sleep(wanted.seconds)
        await _let_fail(stage)
        browser = await player.chromium.launch(executable_path=wanted.browser, args=list(QUIET))
        await _console(browser, str(stage.running.url), wanted.to)
        if wanted.pages_only:
            return
        await _picture(browser, "demo", [screen.draw(await stage.amazon.get("stats"))], width=116)
        await _picture(browser, "demo-report", (await report(stage, None)).draw(), width=92)
        await browser.close()


async def _let_fail(stage: Stage) -> None:
    """Stop some shipments as the driver does where a person must look."""
    store, clock = stage.services.shipments, stage.services.clock
    rows = await stage.services.pool.fetch(
        "select id from shipment where problem is null order by received_at desc limit 20"
    )
    names = [row["id"] for row in rows]
    for code, message, count in FAILING:
        for _ in range(count):
            shipment = (await store.load([names[0]]))[names.pop(0)]
            stuck = Stuck(Problem(code, message, "Correct what Amazon names, then try again.", clock.now()), stop=True)
            story = Story(shipment)
            story.tell_all([stuck])
            await store.commit([Change(story.shipment, shipment.version, (stuck,))])


async def _console(browser: Browser, url: str, folder: Path) -> None:
    shipment = ""
    for name, path, width, height, scheme, language in PAGES:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            device_scale_factor=1 if width > 2000 else 2,
        )
        await context.add_cookies([{"name": "language", "value": language, "url": url}])
        page = await context.new_page()
        if not shipment:
            await page.goto(f"{url}/shipments?status=SHIPLABEL_GENERATED")
            shipment = str(await page.locator("tbody tr").first.get_attribute("data-href"))
        await page.goto(url + path.format(shipment=shipment))
        await page.wait_for_timeout(2500)
        await page.screenshot(path=folder / f"{name}.png")
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
    parser.add_argument("--pages-only", action="store_true", help="only the console's pages")
    parser.add_argument("--to", type=Path, default=IMAGES, help="the folder for the console's pages")
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    given.to.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="packline-pictures-"))
    made.chmod(0o755)  # started by root, PostgreSQL runs as a user of its own
    try:
        asyncio.run(main(given, made))
    finally:
        shutil.rmtree(made, ignore_errors=True)
