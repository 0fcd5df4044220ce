"""Every text in every language: nothing untranslated, nothing forgotten, the plural forms that a language has."""

import re

import httpx
import pytest

from api.house import House
from console.words_used import used
from packline.console import frame, words
from packline.domain import events as ev
from packline.domain.shipment import Problem

OTHERS = ("hi", "ar")
_PLACES = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_every_text_and_no_other(language: str):
    """A text that is used is translated; a translation that nobody uses is taken out."""
    texts, known = used(), words.catalogue(language)
    missing = {text: file for text, file in texts.items() if text not in known}
    assert not missing
    assert not set(known) - set(texts)


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_keeps_its_places_and_its_plural_forms(language: str):
    """`{n}` stays `{n}`; Arabic has six forms, Hindi two. A form for one thing may leave the number out."""
    for text, said in words.catalogue(language).items():
        if "|" in text and isinstance(said, dict):
            assert set(said) == set(words.FORMS[language]), text
            for form, one in said.items():
                extra = set(_PLACES.findall(one)) ^ set(_PLACES.findall(text))
                assert extra <= ({"{n}"} if form in ("zero", "one", "two") else set()), text
        else:
            assert isinstance(said, str), text
            assert set(_PLACES.findall(said)) == set(_PLACES.findall(text)), text


@pytest.mark.parametrize("language", OTHERS)
async def test_no_page_shows_an_untranslated_text(house: House, page: httpx.AsyncClient, language: str):
    """All places of the rail and a shipment, with work of every kind in the house."""
    for number, status in enumerate(("ACCEPTED", "CONFIRMED", "SHIPPED", "DELIVERED", "CANCELLED")):
        await house.shipment(f"S-{number}", status)
    labeled = await house.shipment("S-10", "CONFIRMED")
    await house.labeled(labeled.id)
    stuck = await house.shipment("S-11", "CONFIRMED")
    problem = Problem(
        "label_failed", "Amazon made no label for package PKG-1: odd", "Look.", house.services.clock.now()
    )
    await house.happen(stuck.id, ev.Stuck(problem, stop=True))
    await house.called(labeled.id, status=429, n=3)
    words.missing.clear()
    page.cookies.set("language", language)
    shown = [place.path for place in frame.RAIL]
    shown += [f"/shipments/{labeled.id}", f"/shipments/{stuck.id}", "/palette", "/health/charts", "/find?q=nothing"]
    for path in shown:
        html = (await page.get(path)).text
        assert f'lang="{language}"' in html or "<html" not in html
    assert not words.missing


@pytest.mark.parametrize(
    ("n", "form"), [(0, "zero"), (1, "one"), (2, "two"), (5, "few"), (103, "few"), (11, "many"), (100, "other")]
)
def test_arabic_counts_in_six_forms(n: int, form: str):
    """The rules of CLDR."""
    assert words.LANGUAGES["ar"].form(n) == form


def test_sentences_of_the_domain_are_told_in_the_readers_language():
    """A sentence is found by its pattern; what it carries inside is translated too."""
    words.speak("hi")
    try:
        said = words.tell("Confirmed 4 minutes ago. Waits for a packer.")
        assert "packer" not in said
        assert "4" in said
        assert words.tell("Something that nobody wrote down.") == "Something that nobody wrote down."
    finally:
        words.speak("en")


def test_writing_goes_from_right_to_left_where_the_language_does():
    """Arabic is the only one of ours."""
    assert {code for code, language in words.LANGUAGES.items() if language.direction == "rtl"} == {"ar"}
