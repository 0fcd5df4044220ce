"""The frame that all pages stand on: its keys, its icons, its looks, and what its policy forbids."""

import re

import httpx
import pytest

from packline.console import frame
from packline.console.pages import MODULES

TEMPLATES = sorted((frame.HERE / "templates").glob("*.html"))
_INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", re.IGNORECASE)


def test_each_key_leads_to_one_place():
    """`g` and a letter are one place, and no two places share a name or an address."""
    places = [module.PLACE for module in MODULES if hasattr(module, "PLACE")]
    for field in ("key", "name", "path"):
        values = [getattr(place, field) for place in places]
        assert len(values) == len(set(values)), field


def test_every_icon_is_in_the_file_of_icons():
    """A place or a template that names an icon finds it."""
    known = set(re.findall(r'<symbol id="(\w+)"', (frame.HERE / "static" / "icons.svg").read_text()))
    used = {module.PLACE.icon for module in MODULES if hasattr(module, "PLACE")}
    for template in TEMPLATES:
        used |= set(re.findall(r'\bicon\("(\w+)"\)', template.read_text("utf-8")))
    assert used <= known


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_script_or_style(template):
    """The policy refuses both, so what stands in a template would silently not work."""
    assert not _INLINE.findall(template.read_text("utf-8"))


async def test_a_look_is_kept_and_leads_back(page: httpx.AsyncClient):
    """Language, light or dark and the height of rows are chosen by a link, and only from what there is."""
    chosen = await page.get("/look", params={"language": "ar", "theme": "dark", "density": "compact", "back": "/calls"})
    assert chosen.headers["location"] == "/calls"
    html = (await page.get("/calls")).text
    assert 'lang="ar" dir="rtl" data-theme="dark" data-density="compact"' in html
    await page.get("/look", params={"theme": "purple", "back": "//evil.example"})
    assert 'data-theme="dark"' in (await page.get("/")).text


async def test_a_browser_that_prefers_hindi_is_answered_in_hindi(page: httpx.AsyncClient):
    """Where nothing was chosen the browser's own wish counts."""
    html = (await page.get("/", headers={"accept-language": "hi-IN,hi;q=0.9,en;q=0.5"})).text
    assert 'lang="hi"' in html


async def test_a_notice_is_said_once_and_never_by_an_address(page: httpx.AsyncClient):
    """What a page says comes from an act of this session, not from whoever wrote a link."""
    assert 'class="notice' not in (await page.get("/?note=x&said=Call+this+number")).text
