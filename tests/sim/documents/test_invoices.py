"""Tax invoices: amounts add up, the QR code scans, long ones go on overleaf."""

from decimal import Decimal

import msgspec
import pypdfium2
import pytest
import zxingcpp

from packline_sim.documents.data import TaxParty
from packline_sim.documents.gst import gstin, invoice_reference_number, registered_in, state_code
from packline_sim.documents.invoices import render_invoice
from packline_sim.documents.tax import hsn_summary, invoice_total, priced_line
from packline_sim.documents.words import amount_in_words, indian_money
from sim.documents.builders import BUYER, an_invoice


def pages(data):
    """Render an invoice and open its pages."""
    return list(pypdfium2.PdfDocument(render_invoice(data)))


def text_of(page):
    """Read a page's text."""
    return page.get_textpage().get_text_range()


def test_an_invoice_says_what_the_law_asks_for():
    """Number, date, parties with GSTIN, HSN, quantity, taxable value, rates, amounts, place of supply, words."""
    data = an_invoice(2)
    text = text_of(pages(data)[0])
    for fact in (
        *("TAX INVOICE", data.invoice_number, "21-11-2026", "20-11-2026", data.order_id, data.seller.gstin),
        *("Place of supply: Karnataka (29)", "6912", "8516", "IGST 12%", "IGST 18%", "SKU-001", "Stoneware mug"),
        *("1,497.00", "Rupees One Thousand Four Hundred Ninety Seven Only", "Reverse charge", "SIMULATED"),
    ):
        assert fact in text


def test_a_buyer_in_the_sellers_state_pays_two_taxes():
    """CGST and SGST at half the rate each in one state, IGST across states."""
    inside, across = (text_of(pages(an_invoice(1, same_state=same))[0]) for same in (True, False))
    assert "CGST 6%" in inside
    assert "SGST 6%" in inside
    assert "IGST 12%" not in inside
    assert "IGST 12%" in across


def test_the_qr_code_carries_the_e_invoice_fields():
    """A reader finds seller, document, value and, for a business buyer, the reference number."""
    business = TaxParty(BUYER, gstin("29", "AAAAA1111A"))
    for data in (an_invoice(3), an_invoice(3, buyer=business)):
        code = zxingcpp.read_barcode(pages(data)[0].render(scale=3).to_pil())
        fields = msgspec.json.decode(code.text)
        assert (fields["DocNo"], fields["DocDt"]) == (data.invoice_number, "21/11/2026")
        assert fields["TotInvVal"] == float(invoice_total(data).total)
        assert fields["BuyerGstin"] == (data.buyer.gstin or "URP")
        assert fields.get("Irn") == (invoice_reference_number(data) if data.buyer.gstin else None)


def test_a_long_invoice_goes_on_overleaf():
    """Each line is there once, the head is repeated, every page says its number."""
    texts = [text_of(page) for page in pages(an_invoice(90))]
    assert len(texts) > 2
    for number, text in enumerate(texts, 1):
        assert f"Page {number} of {len(texts)}" in text
        assert "SIMULATED" in text
    for line in range(1, 91):
        assert sum(text.count(f"SKU-{line:03}") for text in texts) == 1


def test_the_same_invoice_gives_the_same_bytes():
    """An invoice fetched again is the same file."""
    assert render_invoice(an_invoice(5)) == render_invoice(an_invoice(5))


@pytest.mark.parametrize("same_state", [True, False])
@pytest.mark.parametrize("price", ["0.01", "1", "99.99", "499", "123456.78"])
def test_tax_and_value_add_up_to_the_price(price, same_state):
    """What is broken out of a price adds up to it again, to the paisa."""
    line = priced_line(
        description="d",
        sku="s",
        hsn="6912",
        quantity=7,
        price_with_tax=Decimal(price),
        rate=Decimal(18),
        same_state=same_state,
        discount_with_tax=Decimal("0.03"),
    )
    assert line.total == Decimal(price) * 7 - Decimal("0.03")
    assert line.cgst_amount == line.sgst_amount


def test_the_hsn_summary_adds_up_to_the_invoice():
    """Each HSN code and rate is summed once, and the sums are the invoice's."""
    data = an_invoice(7)
    groups = hsn_summary(data)
    assert [group.hsn for group in groups] == ["6912", "8516"]
    assert sum(group.total for group in groups) == invoice_total(data).total == sum(line.total for line in data.lines)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "Rupees Zero Only"),
        ("15.50", "Rupees Fifteen and Fifty Paise Only"),
        ("100", "Rupees One Hundred Only"),
        (
            "12345678.01",
            "Rupees One Crore Twenty Three Lakh Forty Five Thousand Six Hundred Seventy Eight and One Paise Only",
        ),
        ("99999", "Rupees Ninety Nine Thousand Nine Hundred Ninety Nine Only"),
    ],
)
def test_amounts_are_spelled_in_lakh_and_crore(amount, words):
    """Words follow the Indian system."""
    assert amount_in_words(Decimal(amount)) == words


def test_amounts_are_grouped_by_lakh_and_crore():
    """Figures follow the Indian system."""
    amounts = ("0", "999", "1000", "123456.7", "12345678", "-1234.5")
    assert [indian_money(Decimal(amount)) for amount in amounts] == [
        *("0.00", "999.00", "1,000.00", "1,23,456.70", "1,23,45,678.00", "-1,234.50")
    ]


def test_a_gstin_has_fifteen_characters_and_a_check():
    """State, PAN, entity, Z and a check character that a wrong digit changes."""
    number = gstin("29", "AAAAA0000A")
    assert (len(number), number[:14]) == (15, "29AAAAA0000A1Z")
    assert gstin("27", "AAAAA0000A")[-1] != number[-1]


def test_a_business_has_a_gstin_in_each_state():
    """The same PAN is registered in another state; a number that is no GSTIN is left alone."""
    assert registered_in(gstin("29", "AAAAA0000A"), "08") == gstin("08", "AAAAA0000A")
    for other in ("DE123456789", "29AAAAA0000A1Z?", "29AAAAA0000A1Z" + "0", ""):
        assert registered_in(other, "08") == other


def test_a_state_is_found_by_name_in_any_case():
    """Place of supply comes from an address as a buyer typed it."""
    assert (state_code(" karnataka "), state_code("Haryana"), state_code("Atlantis")) == ("29", "06", "97")
