"""The table of marketplaces: shipped, changed by a file, and clear about what is wrong in it."""

from __future__ import annotations

import pytest

from packline.amazon.marketplaces import MARKETPLACES
from packline.amazon.seller_central.capabilities import load
from packline.errors import ConfigError
from unit.amazon.seller_central.seller import BRAZIL, INDIA, JAPAN, POLAND, UAE


def test_all_thirteen_marketplaces_have_a_row_with_their_country():
    """Rule: row B9 of the project; ids are Amazon's."""
    rows = load().rows()
    countries = {"IN", "AE", "SA", "EG", "SG", "TR", "JP", "AU", "MX", "BR", "NL", "PL", "ZA"}
    assert len(rows) == 13
    assert {row.country for row in rows.values()} == countries
    assert all(MARKETPLACES[marketplace][0] == row.country for marketplace, row in rows.items())


@pytest.mark.parametrize(
    ("marketplace", "documents", "can_do"),
    [(INDIA, "feed", True), (BRAZIL, "feed", True), (JAPAN, "hand", True), (POLAND, "zip", True), (UAE, "hand", False)],
)
def test_the_shipped_table_says_no_more_than_amazons_sources(marketplace, documents, can_do):
    """Rule: what no source says is off, and the reason names the way out."""
    row = load().of(marketplace)
    assert row.documents == documents
    assert (row.missing == "") is can_do
    if not can_do:
        assert "PDF" in row.missing
        assert "marketplaces file" in row.missing


def test_a_marketplace_without_a_row_can_do_nothing():
    """Rule: Easy Ship is not known to exist there."""
    assert load().of("ATVPDKIKX0DER").missing


def test_a_file_changes_single_values(tmp_path):
    """Rule: a seller who knows better says so; everything else stays as shipped."""
    changes = tmp_path / "marketplaces.toml"
    changes.write_text(f'[{UAE}]\napi = true\ndocuments = "feed"\n[{INDIA}]\nlabel = "ZPL"\n[NEW]\ncountry = "XX"\n')
    table = load(changes)
    assert (table.of(UAE).missing, table.of(UAE).documents, table.of(UAE).country) == ("", "feed", "AE")
    assert (table.of(INDIA).label, table.of(INDIA).methods) == ("ZPL", ("PICKUP",))
    assert table.of("NEW").country == "XX"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[A", "cannot be read"),
        ("x = 1", "no marketplace"),
        (f'[{UAE}]\ndocuments = "pigeon"', "pigeon"),
        (f'[{UAE}]\nlabel = "PNG"', "PNG"),
        (f"[{UAE}]\nslotz = true", "slotz"),
        (f'[{UAE}]\ndocuments = "zip"', "bulk call"),
        ("[NEW]\napi = true", "country"),
    ],
)
def test_a_wrong_file_names_the_field(tmp_path, text, word):
    """Rule: ConfigError says which file, which marketplace and which field."""
    changes = tmp_path / "marketplaces.toml"
    changes.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(changes)
    assert word in caught.value.message


def test_a_file_that_is_not_there_is_named(tmp_path):
    """Rule: a mistyped path must not pass for an empty file."""
    with pytest.raises(ConfigError, match="nowhere"):
        load(tmp_path / "nowhere.toml")
