"""Columns that travel as one text, and the stage that the lists' index begins with."""

import asyncpg
import pytest

from packline.domain.shipment import Status
from packline.storage.columns import FORGETTABLE, SEPARATOR, given, logged, numbers, split, texts
from packline.views.stages import stage_of


async def test_a_column_of_texts_arrives_as_it_left(pool: asyncpg.Pool) -> None:
    """Quotes, braces, commas, line breaks and the letters of any language pass; an empty text arrives as null."""
    column = ["a", "", "{x,y}", "'\"\\", "two\nlines", "NULL", "ß漢"]
    assert await pool.fetchval(f"select {split(1)}", texts(column)) == [text or None for text in column]


async def test_a_column_of_numbers_arrives_as_it_left(pool: asyncpg.Pool) -> None:
    """None arrives as null, and no number loses a digit."""
    assert await pool.fetchval(f"select {split(1, 'bigint')}", numbers([1, None, 2**62])) == [1, None, 2**62]
    assert await pool.fetchval(f"select {split(1, 'float8')}", numbers([0.1, 1e-9, 1e22])) == [0.1, 1e-9, 1e22]


async def test_columns_of_one_empty_value_and_of_none_keep_their_rows(pool: asyncpg.Pool) -> None:
    """The longest column tells how many rows there are; what is missing in the others is null."""
    sql = f"select * from unnest({split(1)}, {split(2)}, $3::bytea[])"
    assert [tuple(row) for row in await pool.fetch(sql, texts(["id"]), texts([""]), given([None]))] == [
        ("id", None, None)
    ]
    assert await pool.fetch(sql, texts([]), texts([]), []) == []


def test_a_value_that_holds_the_separator_is_refused() -> None:
    """Otherwise the values behind it would be written into their neighbours' rows."""
    with pytest.raises(ValueError, match="control character"):
        texts(["a", f"b{SEPARATOR}c"])


def test_what_is_only_logged_loses_the_separator_and_stays_in_its_row() -> None:
    """Amazon's error codes and request ids come from elsewhere; a strange one must not lose the answer beside it."""
    assert logged(["a", f"b{SEPARATOR}c"]).split(SEPARATOR) == ["a", "b�c"]


@pytest.mark.parametrize("status", list(Status))
async def test_the_database_and_the_lists_agree_on_the_stage_of_a_status(pool: asyncpg.Pool, status: Status) -> None:
    """Where they do not, a list leaves shipments out without a word."""
    kept = await pool.fetchval(
        "insert into shipment (id, account_id, amazon_id, location_id, marketplace_id, order_id, program, status,"
        " sub_status, as_of, version, received_at, updated_at, state)"
        " values ($1, 'a', 'x', 'l', 'm', 'o', 'p', $1, '', now(), 1, now(), now(), '') returning stage",
        status.value,
    )
    assert kept == stage_of(status)


async def test_what_may_be_forgotten_makes_nothing_else_forgettable(pool: asyncpg.Pool) -> None:
    """A statement that does not wait for the disk leaves its session as it was; within it, nothing is waited for."""
    async with pool.acquire() as connection:
        await connection.execute("set synchronous_commit = on")
        assert await connection.fetchval(FORGETTABLE) == "off"
        assert await connection.fetchval("show synchronous_commit") == "on"
