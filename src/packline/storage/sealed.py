"""Raw answers and documents at rest: encrypted by the vault, told by their first byte from what is not."""

from packline.storage.secrets import Vault

_MARK = b"\x01"
_VERSION = 2
OWNER = "personal data"
"""One for all: a raw answer is read together with others, in statements that know no owner."""


def seal(vault: Vault, plain: bytes) -> bytes:
    """Encrypt with the newest key: a mark, the key's version, then what the vault made."""
    return _MARK + vault.version.to_bytes(_VERSION, "big") + vault.seal(OWNER, plain)


def kept(vault: Vault | None, plain: bytes) -> bytes:
    """Encrypt where there is a key; a job encrypts the rest later."""
    return seal(vault, plain) if vault is not None and plain else plain


def is_sealed(held: bytes) -> bool:
    """Tell whether bytes are encrypted already: no JSON, PDF, PNG or ZPL begins so."""
    return held.startswith(_MARK)


def opened(vault: Vault | None, held: bytes) -> bytes:
    """Give the plain bytes, whether they were sealed yet or not.

    Raises ConfigError where the key is missing.
    """
    if vault is None or not is_sealed(held):
        return held
    version = int.from_bytes(held[1 : 1 + _VERSION], "big")
    return vault.open(OWNER, held[1 + _VERSION :], version)


def marks_before(version: int) -> tuple[bytes, bytes]:
    """Give the lowest and the highest first bytes of what older keys than this version encrypted."""
    return _MARK + bytes(_VERSION), _MARK + (version - 1).to_bytes(_VERSION, "big")
