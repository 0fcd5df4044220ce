"""Processing reports: of the document feed in both shapes, and of order feeds."""

from collections.abc import Sequence
from typing import NamedTuple

from lxml import etree


class Failure(NamedTuple):
    """Say why a message failed."""

    code: str
    text: str


class Handled(NamedTuple):
    """Say what became of one message; `reference` names the report that holds its papers."""

    message_id: str
    order_id: str
    failure: Failure | None = None
    reference: str = ""


def document_report(feed_id: str, rows: Sequence[Handled], *, shape: str, per_order: bool) -> bytes:
    """Write the report of a document feed: one reference for all orders or one for each, in today's words or older."""
    root = etree.Element("EasyShipProcessingReport")
    failed = [row for row in rows if row.failure is not None]
    _add(root, "FeedSubmissionID", feed_id)
    _counts(root, len(rows), len(failed))
    good = [row for row in rows if row.failure is None]
    if shape == "current" and not per_order:
        for reference in dict.fromkeys(row.reference for row in good):
            _add(root, "DocumentReportReferenceID", reference)
    else:
        name = "DocumentReportReferenceID" if shape == "current" else "DocumentReportReferenceId"
        for row in good:
            _success(root, row, name)
    for row in failed:
        _error(root, row)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def order_report(feed_id: str, seller_id: str, rows: Sequence[Handled]) -> bytes:
    """Write the report of an order feed: an envelope with a summary and a result for each message that failed."""
    root = etree.Element("AmazonEnvelope")
    header = etree.SubElement(root, "Header")
    _add(header, "DocumentVersion", "1.02")
    _add(header, "MerchantIdentifier", seller_id)
    _add(root, "MessageType", "ProcessingReport")
    message = etree.SubElement(root, "Message")
    _add(message, "MessageID", "1")
    report = etree.SubElement(message, "ProcessingReport")
    _add(report, "DocumentTransactionID", feed_id)
    _add(report, "StatusCode", "Complete")
    summary = etree.SubElement(report, "ProcessingSummary")
    failed = [row for row in rows if row.failure is not None]
    _counts(summary, len(rows), len(failed))
    _add(summary, "MessagesWithWarning", "0")
    for row in failed:
        _result(report, row)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def flat_report(rows: Sequence[Handled]) -> bytes:
    """Write the report of a flat file: counts, then a line with tabs for each record that failed."""
    failed = [row for row in rows if row.failure is not None]
    lines = [
        "Feed Processing Summary:",
        f"\tNumber of records processed\t\t{len(rows)}",
        f"\tNumber of records successful\t\t{len(rows) - len(failed)}",
        "",
    ]
    if failed:
        lines.append("original-record-number\torder-id\terror-code\terror-type\terror-message")
    for row in failed:
        code, text = row.failure or Failure("", "")
        lines.append(f"{row.message_id}\t{row.order_id}\t{code}\tError\t{text}")
    return ("\n".join(lines) + "\n").encode()


def _counts(parent: etree._Element, processed: int, failed: int) -> None:
    _add(parent, "MessagesProcessed", str(processed))
    _add(parent, "MessagesSuccessful", str(processed - failed))
    _add(parent, "MessagesWithError", str(failed))


def _success(root: etree._Element, row: Handled, name: str) -> None:
    element = etree.SubElement(root, "SuccessMessage")
    _add(element, "MessageID", row.message_id)
    _add(element, "AmazonOrderID", row.order_id)
    _add(element, name, row.reference)


def _error(root: etree._Element, row: Handled) -> None:
    code, text = row.failure or Failure("", "")
    element = etree.SubElement(root, "ErrorMessage")
    _add(element, "MessageID", row.message_id)
    _add(element, "AmazonOrderID", row.order_id)
    _add(element, "TotalErrors", "1")
    error = etree.SubElement(element, "Error")
    _add(error, "ErrorType", "ERROR")
    _add(error, "ErrorCode", code)
    _add(error, "ErrorMessage", text)


def _result(report: etree._Element, row: Handled) -> None:
    code, text = row.failure or Failure("", "")
    element = etree.SubElement(report, "Result")
    _add(element, "MessageID", row.message_id)
    _add(element, "ResultCode", "Error")
    _add(element, "ResultMessageCode", code)
    _add(element, "ResultDescription", text)
    if row.order_id:
        _add(etree.SubElement(element, "AdditionalInfo"), "AmazonOrderID", row.order_id)


def _add(parent: etree._Element, name: str, text: str) -> None:
    # XML has no control characters; a wrong order id may.
    etree.SubElement(parent, name).text = "".join(char for char in text if char.isprintable())
