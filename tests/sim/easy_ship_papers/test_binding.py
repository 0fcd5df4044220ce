"""How papers are bound: arrangements, paper, codes, pages without an order id, shared drawings."""

import time

import pypdfium2
import pytest

from packline_sim.orders.specs import OrderLineSpec
from packline_sim.specs import SkuSpec
from sim.easy_ship_papers.office import INVOICE, LABEL, WARRANTY, Office, page_codes, page_texts

ALL = (LABEL, INVOICE, WARRANTY)


def kinds_of(pdf: bytes) -> str:
    """Spell the kinds of a file's pages: L, I, W."""
    words = {"TRACKING ID": "L", "TAX INVOICE": "I", "WARRANTY CARD": "W"}
    return "".join(next(letter for word, letter in words.items() if word in text) for text in page_texts(pdf))


async def test_each_arrangement_holds_the_same_papers(office: Office):
    """An order's papers together, all labels first, or everything mixed: never a page more or less."""
    orders = [*await office.scheduled(4), *await office.scheduled(3, sku="CAMERA")]
    found = {}
    for arrangement in ("per_order", "labels_first", "mixed"):
        office.world.switches.update({"papers_arrangement": arrangement})
        pdf = await office.bound(*orders, kinds=ALL)
        found[arrangement] = kinds_of(pdf)
        ids = [order.order_id for order in orders for text in page_texts(pdf) if order.order_id in text]
        assert len(ids) == 4 * 2 + 3 * 3
    assert sorted(found["per_order"].replace("LIW", "a").replace("LI", "b")) == list("aaabbbb")
    assert found["labels_first"] == "L" * 7 + "I" * 7 + "W" * 3
    assert sorted(found["mixed"]) == sorted(found["labels_first"]) != list(found["mixed"])


async def test_labels_and_invoices_are_shuffled_apart(office: Office):
    """With all labels first the invoices do not follow the order of the labels."""
    orders = await office.scheduled(8)
    office.world.switches.update({"papers_arrangement": "labels_first"})
    texts = page_texts(await office.bound(*orders, kinds=(LABEL, INVOICE)))
    found = [next(order.order_id for order in orders if order.order_id in text) for text in texts]
    assert sorted(found[:8]) == sorted(found[8:])
    assert found[:8] != found[8:]


async def test_a_label_on_a4_measures_what_the_sticker_does(office: Office):
    """The page is A4, the label lies within 99.1 x 139 mm in its corner, and its codes scan."""
    office.world.switches.update({"label_paper": "a4"})
    order = (await office.scheduled())[0]
    pdf = await office.bound(order)
    page = pypdfium2.PdfDocument(pdf)[0]
    assert [round(side) for side in page.get_size()] == [595, 842]
    picture = page.render(scale=2).to_pil().convert("L")
    left, top, right, bottom = picture.point(lambda grey: 255 - grey).getbbox()
    assert (right - left) / 2 / 72 * 25.4 == pytest.approx(99.1, abs=1)
    assert (bottom - top) / 2 / 72 * 25.4 == pytest.approx(139, abs=1)
    assert page_codes(pdf)[0] == {"Code128": order.packages[-1].tracking_id, "DataMatrix": order.order_id}


async def test_a_label_may_be_a_picture(office: Office):
    """No text can be read, the codes can."""
    office.world.switches.update({"label_drawing": "picture"})
    order = (await office.scheduled())[0]
    pdf = await office.bound(order)
    assert page_texts(pdf) == [""]
    assert page_codes(pdf)[0] == {"Code128": order.packages[-1].tracking_id, "DataMatrix": order.order_id}


async def test_a_label_may_have_its_tracking_id_as_its_only_code(office: Office):
    """The order id is there as text alone."""
    office.world.switches.update({"label_codes": "tracking"})
    order = (await office.scheduled())[0]
    pdf = await office.bound(order)
    assert page_codes(pdf) == [{"Code128": order.packages[-1].tracking_id}]
    assert order.order_id in page_texts(pdf)[0]


async def test_the_package_identifier_is_printed_or_the_order_id_in_its_place(office: Office):
    """The picker finds the seller's own mark on the label."""
    without, with_mark = await office.scheduled(2)
    assert with_mark.packages[-1].identifier == "BIN-1"
    assert "BIN-1" in page_texts(await office.bound(with_mark))[0]
    assert page_texts(await office.bound(without))[0].count(without.order_id) == 2


async def test_a_long_invoice_goes_over_several_pages(office: Office):
    """An order of many items has an invoice of several pages that belong together."""
    skus = [f"PART-{number:03}" for number in range(70)]
    for sku in skus:
        office.world.create_sku(office.seller_id, SkuSpec(sku=sku, title=f"Spare part {sku} of a stoneware kettle"))
    order = office.shop.order(lines=tuple(OrderLineSpec(sku=sku) for sku in skus))
    await office.shop.scheduled(order)
    texts = page_texts(await office.bound(order, kinds=(INVOICE,)))
    assert len(texts) > 2
    for number, text in enumerate(texts, 1):
        assert f"Page {number} of {len(texts)}" in text
        assert order.order_id in text


@pytest.mark.parametrize(
    ("shown", "order_id", "number"),
    [("every_page", True, True), ("first_page", False, True), ("first_page_only", False, False)],
)
async def test_later_pages_may_say_less(office: Office, shown: str, order_id: bool, number: bool):
    """A page of terms repeats the order id, or the invoice number alone, or only its place in the document."""
    office.world.switches.update({"invoice_pages": "with_terms", "order_id_on_pages": shown})
    order = (await office.scheduled())[0]
    first, second = page_texts(await office.bound(order, kinds=(INVOICE,)))
    assert order.order_id in first
    assert "Page 2 of 2" in second
    assert (order.order_id in second, (order.packages[-1].invoice_number or "?") in second) == (order_id, number)


async def test_a_shared_drawing_still_tells_whose_it_is(office: Office):
    """In a load test one invoice's drawing serves all; numbers are each order's own, and labels are drawn in full."""
    orders = await office.scheduled(5)
    office.world.switches.update({"documents": "shared"})
    pdf = await office.bound(*orders, kinds=(LABEL, INVOICE))
    codes = [row["Code128"] for row in page_codes(pdf) if "Code128" in row]
    assert sorted(codes) == sorted(order.packages[-1].tracking_id for order in orders)
    invoices = [text for text in page_texts(pdf) if "TAX INVOICE" in text]
    for order in orders:
        mine = [text for text in invoices if order.order_id in text]
        assert len(mine) == 1
        assert order.packages[-1].invoice_number in mine[0]


async def test_a_hundred_orders_are_drawn_in_about_a_second(office: Office):
    """Labels and invoices of a hundred orders take well under three seconds of processor time, shared under one."""
    orders = await office.scheduled(100)
    answer = await office.ask(*orders, kinds=(LABEL, INVOICE))
    begin = time.process_time()
    pdf = await office.papers(answer.references[0])
    assert time.process_time() - begin < 3
    assert len(pypdfium2.PdfDocument(pdf)) == 200
    office.world.switches.update({"documents": "shared"})
    answer = await office.ask(*orders, kinds=(LABEL, INVOICE))
    begin = time.process_time()
    await office.papers(answer.references[0])
    assert time.process_time() - begin < 1


async def test_cash_gift_and_drop_off_are_on_the_label(office_in):
    """The courier sees what to collect; the seller sees how to hand over."""
    office = office_in("A19VAU5U5O7RUS", "FE")
    order = office.shop.order(cash_on_delivery=True, gift=True, quantity=2)
    await office.shop.schedule(order, await office.shop.slot_id(order, method="DROPOFF"))
    text = page_texts(await office.bound(order))[0]
    for word in ("COLLECT ON DELIVERY", "SGD", "GIFT", "HAND OVER BY DROP-OFF", "2 x KETTLE"):
        assert word in text
