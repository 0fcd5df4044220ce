"""Secrets at rest: AES-256-GCM, bound to what they belong to and to the version of the key."""

import base64
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from packline.errors import ConfigError

NONCE_BYTES = 12
KEY_BYTES = 32


class Vault:
    """Encrypt with the newest key, decrypt with any that is known."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        """Take keys of 32 bytes by version; the highest version encrypts."""
        if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise ConfigError("A key for secrets must have 32 bytes.", hint="Give 32 random bytes as base64.")
        self._keys = {version: AESGCM(key) for version, key in keys.items()}
        self.version = max(keys)

    def seal(self, owner: str, secret: bytes) -> bytes:
        """Encrypt for an owner (an account, a webhook); only the same owner's row can be opened."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._keys[self.version].encrypt(nonce, secret, _bound(owner, self.version))

    def open(self, owner: str, sealed: bytes, version: int) -> bytes:
        """Decrypt; raises ConfigError where the key is missing or the bytes belong to someone else."""
        key = self._keys.get(version)
        if key is None:
            raise ConfigError(
                f"The key version {version} that protects {owner} is not known here.",
                hint="Give the key file of the machine that stored it (PACKLINE_KEY_FILE).",
            )
        try:
            return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(owner, version))
        except InvalidTag as error:
            raise ConfigError(
                f"The stored secret of {owner} cannot be opened with the key at hand.",
                hint="Give the key file of the machine that stored it, or enter the secret again.",
            ) from error


def key_file(path: Path) -> dict[int, bytes]:
    """Read keys from a file of lines `version base64`; made with one random key, mode 0600, where it is missing."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        line = _line(1)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return key_file(path)
        with os.fdopen(handle, "w") as file:
            file.write(line)
    try:
        parts = [line.split() for line in path.read_text().splitlines() if line.strip()]
        return {int(version): base64.b64decode(key) for version, key in parts}
    except ValueError as error:
        raise ConfigError(
            f"The key file {path} cannot be read: {error}", hint="Each line is a version number and a base64 key."
        ) from error


def add_key(path: Path) -> int:
    """Add a random key to a key file and return its version: from now on it encrypts, the others still decrypt.

    The file is replaced as a whole, so that no reader ever sees half of it.
    """
    version = max(key_file(path)) + 1
    part = path.with_name(f".{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(path.read_text().rstrip("\n") + "\n" + _line(version))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return version


def _line(version: int) -> str:
    return f"{version} {base64.b64encode(os.urandom(KEY_BYTES)).decode()}\n"


def _bound(owner: str, version: int) -> bytes:
    return f"{owner}\x1f{version}".encode()
