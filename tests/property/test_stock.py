"""The ledger of stock: whatever is told, in any order and however often, ends in the same balance."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from builders import NOON, at
from packline.domain.inventory.book import Book
from packline.domain.inventory.journey import Line, News, Stage, Taken, follow
from packline.domain.inventory.ledger import Balance, Entry, Key, Kind, Movement, raw_effect, replay
from packline.domain.inventory.offer import offer
from packline.domain.inventory.rules import Place, Rule, Rulebook, Terms, resolve
from packline.domain.shipment import Status

KEY = Key("pool", "EXSB", "SKU-1")
FACTS = [kind for kind in Kind if kind is not Kind.COUNTED]
units = st.integers(1, 20)
entries = st.lists(
    st.builds(
        lambda minute, kind, n: (minute, kind, n),
        st.integers(0, 30),
        st.sampled_from([*FACTS, Kind.COUNTED, Kind.COUNTED]),
        units,
    ),
    max_size=25,
)


def movements(told: list[tuple[int, Kind, int]]) -> list[Movement]:
    """Give each entry a cause and a moment of its own: two counts of one moment would contradict each other."""
    return [
        Movement(f"c{n}", (Entry(f"c{n}", KEY, kind, count, at(minute + n / 1000)),), is_timed=True, is_fact=True)
        for n, (minute, kind, count) in enumerate(told)
    ]


def laid(order: list[Movement], batches: list[int]) -> tuple[Balance, list[tuple[Entry, Any]]]:
    """Lay movements in batches as the store does, each cause once, with what it would look up."""
    balance, kept, known = Balance(), [], set[str]()
    queue = list(order)
    sizes = iter(batches)
    while queue:
        size = next(sizes, len(queue)) or 1
        batch, queue = queue[:size], queue[size:]
        book = Book({KEY: balance})
        fresh = [m for m in batch if m.cause not in known and not known.add(m.cause)]  # type: ignore[func-returns-value]
        for one in fresh:
            for span in book.spans(one):
                book.sums[span] = sum(raw_effect(entry).on_hand for entry, _ in kept if span.holds(entry))
            book.take(one)
        kept += book.entries
        balance = book.written().get(KEY, balance)
    return balance, kept


@settings(max_examples=300)
@given(entries, st.randoms(use_true_random=False), st.lists(st.integers(1, 5), max_size=10))
def test_any_order_and_repetition_gives_the_same_balance(told, random, batches):
    """Told in order, shuffled and doubled, in batches of any size: equal to the replay of the entries."""
    whole = movements(told)
    expected = replay(entry for movement in whole for entry in movement.entries)
    shuffled = whole + random.sample(whole, len(whole) // 2)
    random.shuffle(shuffled)
    assert laid(whole, batches)[0] == expected
    assert laid(shuffled, batches)[0] == expected


@settings(max_examples=200)
@given(entries, st.randoms(use_true_random=False), st.lists(st.integers(1, 5), max_size=10))
def test_a_balance_is_the_sum_of_what_its_entries_changed(told, random, batches):
    """Nothing changes without its entry: the check in the database sums up the same."""
    whole = movements(told)
    random.shuffle(whole)
    balance, kept = laid(whole, batches)
    sums = [sum(effect[n] for _, effect in kept) for n in range(5)]
    assert sums == [balance.on_hand, balance.reserved, balance.picked, balance.labelled, balance.unsellable]


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from([Kind.ADJUSTED, Kind.MOVED, Kind.RECEIVED]), st.integers(-30, 30))))
def test_a_seller_can_never_say_less_than_nothing(said):
    """What would take more than there is is refused; without shipments nothing is ever below zero."""
    book = Book({KEY: Balance(counted_at=NOON)})
    for n, (kind, count) in enumerate(said):
        count = abs(count) if kind is Kind.RECEIVED else count
        fate = book.take(Movement(f"c{n}", (Entry(f"c{n}", KEY, kind, count or 1, at(n + 1)),)))
        assert fate.after >= 0
        assert (fate.outcome == "refused") == (fate.before + (count or 1) < 0)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(list(Status)), st.booleans(), st.booleans(), st.integers(1, 3)), max_size=12))
def test_a_shipment_leaves_nothing_behind_whatever_way_it_goes(steps):
    """Its units are promised, packed, labelled or gone, never two of these; over, it holds nothing."""
    taken, balance = Taken("shp", "acme", "EXSB"), Balance()
    seen: list[Entry] = []
    for version, (status, adopted, handed_over, count) in enumerate(steps, 1):
        lines = (Line("SKU-1", count, KEY),)
        news = News("shp", "acme", "EXSB", status, version, at(version), adopted, handed_over, lines)
        taken, movement = follow(taken, news)
        assert follow(taken, replace(news, version=version - 1)) == (taken, None)
        assert follow(taken, news)[1] is None
        seen += movement.entries if movement else ()
        for entry in movement.entries if movement else ():
            effect = raw_effect(entry)
            balance = Balance(*(one + other for one, other in zip(
                (balance.on_hand, balance.reserved, balance.picked, balance.labelled, 0), effect, strict=True
            )))  # fmt: skip
        count = taken.lines[0].units
        expected = {
            Stage.SOLD: (0, count, 0, 0),
            Stage.PICKED: (0, count, count, 0),
            Stage.LABELLED: (-count, 0, 0, count),
            Stage.SHIPPED: (-count, 0, 0, 0),
            Stage.RELEASED: (0, 0, 0, 0),
        }[taken.stage]
        assert (balance.on_hand, balance.reserved, balance.picked, balance.labelled) == expected, seen


terms = st.builds(
    lambda units, percent, low, high, stop: Terms(
        "p", "a", "i", *((units, 0.0) if units else (0, percent)), minimum=low, maximum=high, stop_sale=stop
    ),
    st.integers(0, 5),
    st.sampled_from([0.0, 10.0, 33.3, 100.0]),
    st.integers(0, 4),
    st.none() | st.integers(4, 30),
    st.booleans(),
)


@settings(max_examples=400)
@given(st.integers(-5, 60), st.integers(0, 20), st.integers(0, 20), terms, st.booleans())
def test_what_is_told_never_sells_more_than_there_is(on_hand, own, others, agreed, subtracts):
    """Whatever the rules: buyers can have what is on hand and not sold, at most; the steps add up to the number."""
    balance = Balance(on_hand=on_hand, reserved=own + others, counted_at=NOON)
    made = offer(balance, agreed, own, amazon_subtracts=subtracts)
    assert 0 <= made.buyable <= max(0, on_hand - own - others)
    assert 0 <= made.quantity <= max(0, on_hand - others)
    assert made.steps[-1].total == made.quantity
    assert made.steps[0].total + sum(step.change for step in made.steps[1:]) >= made.quantity - max(0, -on_hand) * 0
    if agreed.maximum is not None:
        assert made.buyable <= agreed.maximum
    assert not (agreed.stop_sale and made.quantity)
    assert not 0 < made.buyable < agreed.minimum


scopes = st.sampled_from(["", "a", "b"])
rules = st.lists(
    st.builds(
        Rule,
        account=scopes,
        location=scopes,
        sku=scopes,
        channel=scopes,
        pool=st.none() | st.sampled_from(["x", "y"]),
        buffer_units=st.none() | st.integers(0, 3),
        stop_sale=st.none() | st.booleans(),
    ),
    max_size=8,
    unique_by=lambda rule: rule.scope,
)


@settings(max_examples=200)
@given(rules, st.builds(Place, account=scopes, location=scopes, sku=scopes, channel=scopes))
def test_the_narrowest_rule_that_says_something_counts(given_rules, place):
    """For each setting by itself; the rulebook's short way gives the same as reading every rule."""
    made = resolve(given_rules, place)
    whole = (place.account, place.location, place.sku, place.channel)
    matching = [
        rule
        for rule in given_rules
        if all(mine in ("", theirs) for mine, theirs in zip(rule.scope, whole, strict=True))
    ]
    for name, default in (("pool", place.account), ("buffer_units", 0), ("stop_sale", False)):
        saying = sorted((r for r in matching if getattr(r, name) is not None), key=lambda rule: rule.weight)
        assert getattr(made, name) == (getattr(saying[-1], name) if saying else default)
    assert Rulebook(given_rules).terms(place) == made
