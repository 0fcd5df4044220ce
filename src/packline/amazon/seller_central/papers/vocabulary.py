"""The words that tell labels, invoices and warranties apart, in the languages of Amazon's Easy Ship marketplaces.

English, Arabic, Turkish, Hindi, Japanese, Spanish, Portuguese, Dutch, Polish, and German, French, Italian beside them;
all in small letters and in Unicode's compatibility form (NFKC), as pages are compared.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What a page is; the first three are DocumentKind values."""

    SHIP_LABEL = "ship_label"
    INVOICE = "invoice"
    WARRANTY = "warranty"
    OTHER = "other"
    UNKNOWN = "unknown"


TITLES: dict[Kind, tuple[str, ...]] = {
    Kind.SHIP_LABEL: (
        *("shipping label", "ship label", "etiqueta de envío", "etiqueta de envio", "kargo etiketi", "gönderi etiketi"),
        *("etykieta wysyłkowa", "verzendlabel", "versandetikett", "versandlabel", "étiquette d'expédition"),
        *("étiquette d’expédition", "ملصق الشحن", "शिपिंग लेबल", "配送ラベル", "出荷ラベル"),
    ),
    Kind.INVOICE: (
        *("invoice", "bill of supply", "credit note", "cash memo", "فاتورة", "fatura", "चालान", "बीजक", "इनवॉइस"),
        *(
            "請求書",
            "領収書",
            "factura",
            "nota fiscal",
            "danfe",
            "factuur",
            "faktura",
            "rechnung",
            "facture",
            "fattura",
        ),
    ),
    Kind.WARRANTY: (
        *("warranty", "guarantee", "ضمان", "garanti", "वारंटी", "保証", "garantía", "garantia", "garantie", "gwarancj"),
        *("gwarancyjna", "garanzia"),
    ),
    Kind.OTHER: (
        *("packing slip", "packing list", "pick list", "picking list", "delivery note", "post-list", "post list"),
        *(
            "postlist",
            "list of parcels",
            "parcel list",
            "manifest",
            "handover sheet",
            "hand-over sheet",
            "terms and conditions",
            "terms & conditions",
        ),
        *("return form", "return instructions", "gift note", "gift message", "قائمة التعبئة", "sevk irsaliyesi"),
        *("梱包明細", "納品書", "albarán", "lista de postagem", "romaneio", "pakbon", "list przewozowy zbiorczy"),
        *("lieferschein", "bon de livraison"),
    ),
}
"""Words that name a document where they stand in its first lines; the first of them there counts most."""

FIELDS: dict[Kind, tuple[str, ...]] = {
    Kind.SHIP_LABEL: (
        *("ship label", "shipping label", "easy ship", "easyship", "airway bill", "waybill", "tracking id"),
        *("tracking no", "tracking number", "prepaid", "cash on delivery", "collect on delivery", "if undelivered"),
        *("return to", "deliver to", "ship to", "routing", "sort code", "pickup", "pick-up", "pick up", "drop-off"),
        *("dropoff", "drop off", "handover", "hand over", "بوليصة", "رقم التتبع", "شحن", "الدفع عند الاستلام", "kargo"),
        *(
            "gönderi",
            "alıcı",
            "takip no",
            "शिपिंग",
            "ट्रैकिंग",
            "送り状",
            "お届け先",
            "追跡",
            "etiqueta",
            "guía",
            "rastreo",
        ),
        *("destinatario", "destinatário", "remetente", "rastreio", "rastreamento", "verzend", "ontvanger", "przesył"),
        *("odbiorca", "nadawca", "sendung", "empfänger", "destinataire", "expéditeur", "spedizione"),
    ),
    Kind.INVOICE: (
        *("invoice number", "invoice no", "invoice date", "invoice details", "gstin", "unit price", "net amount"),
        *("tax rate", "tax amount", "tax type", "subtotal", "sub-total", "sub total", "grand total", "total amount"),
        *("amount in words", "taxable", "ضريبة", "الرقم الضريبي", "vergi", "कर दर", "कुल", "税率", "消費税", "合計"),
        *("precio unitario", "preço unitário", "importe", "valor total", "kwota", "bedrag", "betrag", "montant"),
    ),
    Kind.WARRANTY: (
        *("serial number", "serial no", "imei", "warranty card", "warranty certificate", "warranty period"),
        *(
            "warranty terms",
            "period of warranty",
            "date of purchase",
            "الرقم التسلسلي",
            "seri no",
            "シリアル",
            "保証期間",
        ),
    ),
}
"""Words that stand on documents of a kind; each adds a little."""

SHORT: dict[Kind, frozenset[str]] = {
    Kind.SHIP_LABEL: frozenset({"AWB", "COD", "TRK", "HUB"}),
    Kind.INVOICE: frozenset(
        {"VAT", "GST", "TRN", "CNPJ", "RFC", "KDV", "ABN", "HSN", "IVA", "ICMS", "BTW", "CGST", "IGST"}
    ),
}
"""Abbreviations, which count only as whole words, in capitals."""

ON_BOTH = frozenset(
    {
        *("easy ship", "easyship", "prepaid", "cash on delivery", "collect on delivery", "return to", "deliver to"),
        *("ship to", "شحن", "الدفع عند الاستلام", "alıcı", "शिपिंग", "お届け先", "destinatario", "destinatário"),
        *("remetente", "verzend", "ontvanger", "odbiorca", "nadawca", "sendung", "empfänger", "destinataire"),
        *("expéditeur", "spedizione"),
    }
)
"""Words of a label that stand on many invoices as well: whom it goes to, and how it was paid."""
