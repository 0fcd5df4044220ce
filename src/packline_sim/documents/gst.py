"""India's GST numbers: state codes, GSTINs with their check character, invoice reference numbers and QR contents."""

import hashlib
from functools import lru_cache

import msgspec

from packline_sim.documents.data import InvoiceData
from packline_sim.documents.tax import invoice_total

# The first two digits of a GSTIN (Central Board of Indirect Taxes and Customs, list of state codes).
STATE_CODES = {
    "Jammu and Kashmir": "01",
    "Himachal Pradesh": "02",
    "Punjab": "03",
    "Chandigarh": "04",
    "Uttarakhand": "05",
    "Haryana": "06",
    "Delhi": "07",
    "Rajasthan": "08",
    "Uttar Pradesh": "09",
    "Bihar": "10",
    "Sikkim": "11",
    "Arunachal Pradesh": "12",
    "Nagaland": "13",
    "Manipur": "14",
    "Mizoram": "15",
    "Tripura": "16",
    "Meghalaya": "17",
    "Assam": "18",
    "West Bengal": "19",
    "Jharkhand": "20",
    "Odisha": "21",
    "Chhattisgarh": "22",
    "Madhya Pradesh": "23",
    "Gujarat": "24",
    "Dadra and Nagar Haveli and Daman and Diu": "26",
    "Maharashtra": "27",
    "Karnataka": "29",
    "Goa": "30",
    "Lakshadweep": "31",
    "Kerala": "32",
    "Tamil Nadu": "33",
    "Puducherry": "34",
    "Andaman and Nicobar Islands": "35",
    "Telangana": "36",
    "Andhra Pradesh": "37",
    "Ladakh": "38",
}
OTHER_TERRITORY = "97"

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BY_NAME = {name.casefold(): code for name, code in STATE_CODES.items()}


def state_code(state: str) -> str:
    """Look up the GST code of a state by its name, in any letter case; unknown ones are other territory (97)."""
    return _BY_NAME.get(state.strip().casefold(), OTHER_TERRITORY)


def gstin(code: str, pan: str, entity: str = "1") -> str:
    """Build a GSTIN of 15 characters from a state code and a PAN, with its check character (base 36)."""
    body = f"{code}{pan}{entity}Z"
    products = (_ALPHABET.index(char) * (1 + position % 2) for position, char in enumerate(body))
    total = sum(product // 36 + product % 36 for product in products)
    return body + _ALPHABET[-total % 36]


@lru_cache(maxsize=4096)
def registered_in(number: str, code: str) -> str:
    """Give the GSTIN that the same business has in the state with a code.

    A business registers in each state that it supplies from, under one PAN (CGST Act 2017, section 22). What is no
    GSTIN stays as it is.
    """
    if len(number) != 15 or not set(number) <= set(_ALPHABET) or gstin(number[:2], number[2:12], number[12]) != number:
        return number
    return gstin(code, number[2:12], number[12])


def financial_year(data: InvoiceData) -> str:
    """Name the Indian financial year of an invoice, April to March: 2026-27."""
    start = data.issued.year - (data.issued.month < 4)
    return f"{start}-{(start + 1) % 100:02}"


def invoice_reference_number(data: InvoiceData) -> str:
    """Hash GSTIN, financial year, document type and number into the 64 hex digits of an IRN (GST e-invoice schema)."""
    return hashlib.sha256(f"{data.seller.gstin}{financial_year(data)}INV{data.invoice_number}".encode()).hexdigest()


def qr_payload(data: InvoiceData) -> str:
    """Write what the invoice's QR code carries: the fields of an e-invoice QR as JSON, unsigned.

    A buyer with a GSTIN (B2B) gets the invoice reference number too.
    """
    fields: dict[str, object] = {
        "SellerGstin": data.seller.gstin,
        "BuyerGstin": data.buyer.gstin or "URP",
        "DocNo": data.invoice_number,
        "DocTyp": "INV",
        "DocDt": f"{data.issued:%d/%m/%Y}",
        "TotInvVal": float(invoice_total(data).total),
        "ItemCnt": len(data.lines),
        "MainHsnCode": max(data.lines, key=lambda line: line.taxable_value).hsn if data.lines else "",
    }
    if data.buyer.gstin:
        fields["Irn"] = invoice_reference_number(data)
    return msgspec.json.encode(fields).decode()
