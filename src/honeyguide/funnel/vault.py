"""The vault: credentials of connections, encrypted at rest with a key that is not in the database.

The key is HONEYGUIDE_SECRET_KEY, or a file only its owner can read in the data folder, made on first use. Several keys
(separated by commas) let an operator change it: the first encrypts, all decrypt.
"""

import base64
import binascii
import contextlib
import hmac
import os
from pathlib import Path
from typing import Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from honeyguide.core.errors import BadInput, Unavailable
from honeyguide.settings import Settings

FILE = "secret.key"
_KEY_BYTES = 32


class Vault:
    """Seals and opens values. `Vault.of(settings)` is the installation's own."""

    def __init__(self, keys: list[bytes], file: Path | None = None) -> None:
        self._file, self._keys = file, keys
        self._fernet = MultiFernet([Fernet(k) for k in keys]) if keys else None

    @staticmethod
    def of(settings: Settings | None = None) -> "Vault":
        """The vault of these settings (of the environment when None). Raises BadInput on a key that is none."""
        chosen = settings or Settings.load()
        if chosen.secret_key:
            return Vault([_key(part) for part in chosen.secret_key.split(",") if part.strip()])
        file = chosen.data / FILE
        return Vault(_keys_in(file), file)

    def seal(self, value: dict[str, Any]) -> bytes:
        """Encrypt a value; makes the key file when there is no key yet."""
        return self._ready().encrypt(msgspec.json.encode(value))

    def derived(self, purpose: str) -> list[bytes]:
        """Keys for another purpose (to sign a history), one per key of the vault, the first in use; made if there is none."""
        self._ready()
        return [hmac.new(key, purpose.encode(), "sha256").digest() for key in self._keys]

    def _ready(self) -> MultiFernet:
        if self._fernet is None:
            if self._file is None:
                raise BadInput("HONEYGUIDE_SECRET_KEY is empty.", advice="Unset it, or give it a key.")
            _make(self._file)
            self._keys = _keys_in(self._file)
            self._fernet = MultiFernet([Fernet(k) for k in self._keys])
        return self._fernet

    def open(self, sealed: bytes | None) -> dict[str, Any]:
        """Decrypt a value; an empty dict for None. Raises Unavailable when the key is not the one it was sealed with."""
        if sealed is None:
            return {}
        if self._fernet is None:
            raise _lost(f"The key file {self._file} is not there.")
        try:
            found: dict[str, Any] = msgspec.json.decode(self._fernet.decrypt(bytes(sealed)))
        except InvalidToken as e:
            raise _lost("They were encrypted with another key.") from e
        return found


def _lost(detail: str) -> Unavailable:
    return Unavailable(
        "The credentials of this connection cannot be read.", detail, code="secret_key_lost",
        advice="Bring back HONEYGUIDE_SECRET_KEY or the file secret.key of the data folder, or enter the credentials again.",
    )  # fmt: skip


def _key(text: str) -> bytes:
    """32 bytes in base64 (either alphabet), as Fernet takes them."""
    try:
        raw = base64.b64decode(text.strip().replace("-", "+").replace("_", "/") + "==", validate=False)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise BadInput(
            "HONEYGUIDE_SECRET_KEY is no key.",
            "It takes 32 random bytes in base64.",
            advice="Make one: openssl rand -base64 32",
        )
    return base64.urlsafe_b64encode(raw)


def _keys_in(file: Path) -> list[bytes]:
    with contextlib.suppress(FileNotFoundError):
        return [_key(line) for line in file.read_text().replace(",", "\n").splitlines() if line.strip()]
    return []


def _make(file: Path) -> None:
    """Write a new key that is complete before it has its name: two processes at once end with one key."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{FILE}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(Fernet.generate_key() + b"\n")
        out.flush()
        os.fsync(out.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
