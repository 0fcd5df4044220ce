"""Make docs/images/*.png from a real run: the demo's terminal, its report, and the console.

    python scripts/screenshots.py [--browser /usr/bin/chromium] [--seconds 60] [--pages-only] [--to docs/images]
    python scripts/screenshots.py --all --to /tmp/looks [--only stock returns]

It starts the demo on this machine, lets buyers order for a while, does what people do there (`pictured_house`), lets
some work fail, and looks at it with a headless Chromium: light, dark, 360 px wide, 4K, right to left. Look at every
picture.
"""

import argparse
import asyncio
import io
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from pictured_house import furnish
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright
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
SIZES = {
    "": (1280, 800, 2.0, "light", "en"),
    "dark": (1280, 800, 2.0, "dark", "en"),
    "phone": (360, 760, 2.0, "light", "en"),
    "phone-arabic": (360, 760, 2.0, "dark", "ar"),
    "arabic": (1280, 800, 2.0, "light", "ar"),
    "hindi": (1280, 800, 2.0, "dark", "hi"),
    "wide": (3840, 2160, 1.0, "light", "en"),
}
"""Look -> width and height in pixels, pixels of the picture for each, light or dark, language."""
PAGES = {
    "work": "/",
    "shipment": "{shipment}",
    "shipments": "/shipments",
    "failed": "/failed",
    "bench": "/bench",
    "prints": "/prints",
    "print": "{print}",
    "manifests": "/manifests",
    "manifest": "{manifest}",
    "returns": "/returns",
    "return": "{return}",
    "stock": "/stock",
    "stock-item": "{stock}",
    "stock-rules": "/stock/rules",
    "stock-holds": "/stock/holds",
    "stock-refused": "/stock/refused",
    "stock-drift": "/stock/drift",
    "feeds": "/feeds",
    "routes": "/routes",
    "route": "{route}",
    "route-ask": "/routes/ask?account={account}&lines=MUG-TERRACOTTA+2&country=IN&postal_code=560001",
    "compare": "/reconciliations",
    "compared": "{compared}",
    "smarthub": "/smarthub",
    "calls": "/calls",
    "quota": "/quotas",
    "health": "/health",
    "files": "/files",
    "listings": "{listings}",
    "accounts": "/accounts",
    "setup": "/setup",
    "setup-account": "/setup/{account}/account",
    "setup-locations": "/setup/{account}/locations",
    "setup-programs": "/setup/{account}/programs",
    "setup-notifications": "/setup/{account}/notifications",
    "people": "/people",
    "person": "{person}",
    "person-new": "/people/new",
    "audit": "/audit",
    "me": "/me",
    "nothing": "/find?q=nobody-is-called-so",
    "packing": "/bench",
    "palette": "/",
    "bulk": "/?next=pack",
    "export": "/shipments",
    "keys": "/",
}
"""Name -> address; names in braces are found on the lists."""
SHOWN = (
    ("work", ""), ("work", "dark"), ("work", "arabic"), ("work", "phone"), ("work", "wide"), ("shipment", ""),
    ("shipment", "arabic"), ("failed", ""), ("health", ""), ("calls", ""), ("quota", ""), ("packing", "dark"),
    ("manifest", ""), ("return", ""), ("stock-item", ""), ("route-ask", ""), ("bulk", ""), ("setup-programs", ""),
)  # fmt: skip
"""What README and docs show; `--all` takes every page in every look."""
FOUND = {
    "shipment": ("/shipments?status=SHIPLABEL_GENERATED", "/shipments/"),
    "print": ("/prints", "/prints/"),
    "manifest": ("/manifests", "/manifests/"),
    "return": ("/returns?stage=to_receive", "/returns/"),
    "stock": ("/stock?sku=LAMP", "/stock/item"),
    "route": ("/routes", "/routes/acc"),
    "compared": ("/reconciliations", "/reconciliations/"),
    "listings": ("/files", "/files/listings/lst"),
    "person": ("/people", "/people/usr"),
}
"""What is found: on which list, and how its address begins."""
COLOURS, LARGEST = 192, 200_000


async def main(wanted: argparse.Namespace, folder: Path) -> None:
    """Run the demo and take the pictures."""
    wish = Wish(once=False, orders=0, speed=1.0, port=18800, data=None, json=False)
    async with staged(wish, folder / "data") as stage, async_playwright() as player:
        screen = Screen(stage, data=".packline/demo")
        await asyncio.sleep(wanted.seconds)
        drawn = [screen.draw(await stage.amazon.get("stats"))]
        account = await furnish(stage)
        browser = await player.chromium.launch(executable_path=wanted.browser, args=list(QUIET))
        await _console(browser, str(stage.running.url), account, wanted)
        if not (wanted.pages_only or wanted.all):
            await _picture(browser, "demo", drawn, width=116)
            await _picture(browser, "demo-report", (await report(stage, None)).draw(), width=92)
        await browser.close()


async def _console(browser: Browser, url: str, account: str, wanted: argparse.Namespace) -> None:
    chosen = [(name, look) for look in SIZES for name in PAGES] if wanted.all else list(SHOWN)
    if wanted.only:
        chosen = [(name, look) for name, look in chosen if name in wanted.only]
    looks = dict.fromkeys(look for _, look in chosen)
    names: dict[str, str] = {}
    for look in looks:
        width, height, scale, scheme, language = SIZES[look]
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]  # light or dark
            device_scale_factor=scale,
            reduced_motion="reduce",
        )
        await context.add_cookies([{"name": "language", "value": language, "url": url}])
        page = await context.new_page()
        names = names or {"account": account, **await _names(page, url)}
        for name in [name for name, of in chosen if of == look]:
            path = PAGES[name].format_map(defaultdict(str, names))
            if not path:
                print(f"{name}: there is none")
                continue
            await page.goto(url + path)
            await page.wait_for_selector("html[data-ready]", state="attached")
            await ACTS.get(name, _wait)(page)
            await _photograph(page, wanted.to / ("-".join(part for part in ("console", name, look) if part) + ".png"))
        await context.close()


async def _names(page: Page, url: str) -> dict[str, str]:
    found = {}
    for name, (path, begins) in FOUND.items():
        await page.goto(url + path)
        link = page.locator(f"main tr[data-href^='{begins}'], main a[href^='{begins}']").first
        if await link.count():
            found[name] = str(await link.get_attribute("data-href") or await link.get_attribute("href"))
    return found


async def _photograph(page: Page, path: Path) -> None:
    await asyncio.to_thread(_keep, await page.screenshot(), path)


def _keep(taken: bytes, path: Path) -> None:
    """Keep a picture in its most frequent colours; one that is too large for the docs is made smaller."""
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    _few_colours(picture).save(path, optimize=True)
    while path.stat().st_size > LARGEST:
        picture = picture.resize((picture.width * 3 // 4, picture.height * 3 // 4), Image.Resampling.LANCZOS)
        _few_colours(picture).save(path, optimize=True)


def _few_colours(picture: Image.Image) -> Image.Image:
    """Map to the colours that most pixels have: grounds, texts and states stay what they are."""
    counted: Any = picture.getcolors(picture.width * picture.height)
    often = [colour for _, colour in sorted(counted, reverse=True)[:COLOURS]]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in often for part in colour])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


async def _wait(page: Page) -> None:
    """Give charts and streams the time to arrive."""
    await page.wait_for_timeout(900)


async def _pack(page: Page) -> None:
    """Scan an order that waits for a packer."""
    bench = page.url
    await page.goto(bench.replace("/bench", "/?next=pack"))
    name = await page.locator("tbody td.c-id").first.inner_text()
    await page.goto(bench)
    await page.wait_for_selector("html[data-ready]", state="attached")
    await page.wait_for_timeout(500)
    await page.keyboard.type(name)
    await page.keyboard.press("Enter")
    await page.wait_for_timeout(1200)


async def _palette(page: Page) -> None:
    await page.keyboard.press("Control+k")
    await page.keyboard.type("st")
    await page.wait_for_timeout(900)


async def _bulk(page: Page) -> None:
    """Choose all, and look at what would happen."""
    await page.keyboard.press("Shift+X")
    await page.locator("[data-bulk=pack]").click()
    await page.wait_for_timeout(2500)


async def _export(page: Page) -> None:
    link = page.locator("a[data-export]").first
    if await link.is_visible():
        await link.click()
    await page.wait_for_timeout(1500)


async def _keys(page: Page) -> None:
    await page.keyboard.press("?")
    await page.wait_for_timeout(400)


ACTS = {"packing": _pack, "palette": _palette, "bulk": _bulk, "export": _export, "keys": _keys}
"""What is done on a page before its picture is taken."""


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
    parser.add_argument("--all", action="store_true", help="every page in every look, to be looked at")
    parser.add_argument("--only", nargs="*", default=(), metavar="PAGE", help="only these pages")
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
