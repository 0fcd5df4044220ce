"""Amazon's XML envelope, read leniently: any letter case, any name space, with or without a header."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree


class Malformed(ValueError):
    """A feed that cannot be read as a whole: it ends FATAL."""


class Message(NamedTuple):
    """Hold one message: its id, or its place in the file where it has none, and its content."""

    message_id: str
    content: Any


def read_messages(content: bytes, message_type: str) -> list[Message]:
    """Read the messages of an envelope. Raises Malformed: no XML, another kind of message, or none at all.

    Header, name space and version are not looked at. Neither entities nor the network are touched.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as why:
        raise Malformed(f"The feed is not well-formed XML: {why}") from None
    given = next(texts(root, "MessageType"), "")
    if name_of(root) != "amazonenvelope" or given.lower() != message_type.lower():
        raise Malformed(f"The feed must be an AmazonEnvelope with MessageType {message_type}, not {given or 'none'}.")
    found = [child for child in children(root) if name_of(child) == "message"]
    messages = [
        Message(next(texts(row, "MessageID"), str(place)), part)
        for place, row in enumerate(found, 1)
        for part in children(row)
        if name_of(part) == message_type.lower()
    ]
    if not messages:
        raise Malformed(f"The feed holds no {message_type}.")
    return messages


def texts(element: Any, name: str) -> Iterator[str]:
    """Give the texts of the direct children of a name."""
    return ((child.text or "").strip() for child in children(element) if name_of(child) == name.lower())


def children(element: Any) -> Iterator[Any]:
    """Give the child elements, without comments and instructions."""
    return (child for child in element if isinstance(child.tag, str))


def name_of(element: Any) -> str:
    """Give an element's name without its name space, in small letters."""
    return str(etree.QName(element).localname).lower()
