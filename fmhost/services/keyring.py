"""The keys that encrypt what accounts and assets keep secret.

Each key of ``FLEXMEASURES_SECRETS_ENCRYPTION_KEYS`` has a number. The highest encrypts, all
decrypt. Number 0 is derived from the secret key of the installation: it encrypts where no key is
set, and goes on decrypting what it has encrypted. The keys of the cipher (Fernet: AES-128-CBC with
HMAC-SHA256) are derived from the texts in the settings by HKDF with SHA-256 (RFC 5869).
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fmhost.errors import ConfigurationError
from fmhost.settings import Settings

_SETTING = "FLEXMEASURES_SECRETS_ENCRYPTION_KEYS"
#: Number of the key that is derived from the secret key.
_DERIVED = "0"
_PURPOSE = b"fmhost stored secrets"
#: Shorter texts are words, not keys.
_SHORTEST = 16


class Keyring:
    """The keys of an installation.

    :raises ConfigurationError: where the setting is malformed, or there is no secret key.
    """

    def __init__(self, settings: Settings) -> None:
        given = settings[_SETTING] or {}
        for number, text in given.items():
            if not (number.isascii() and number.isdigit()) or int(number) < 1:
                raise _malformed(f"'{number}' is no number from 1 on")
            if len(text) < _SHORTEST:
                raise _malformed(f"the key {number} has fewer than {_SHORTEST} characters")
        if len({int(number) for number in given}) < len(given):
            raise _malformed("a number is there twice")
        self._texts = {_DERIVED: settings.require_secret_key(), **given}
        #: The number of the key that encrypts.
        self.newest = max(self._texts, key=int)

    def encrypt(self, text: str) -> tuple[str, str]:
        """The text, encrypted, and the number of the key that did."""
        return self._cipher(self.newest).encrypt(text.encode()).decode(), self.newest

    def decrypt(self, ciphertext: str, number: str, *, name: str) -> str:
        """The text.

        :param number: of the key that encrypted it.
        :param name: of the secret, for messages.
        :raises ConfigurationError: where that key is not there, or is another one now.
        """
        if number not in self._texts:
            raise ConfigurationError(
                f"The secret {name} cannot be read: it was encrypted with key {number}, which "
                f"{_SETTING} does not have.",
                field=_SETTING,
                hint=f"Add key {number} again; `fmhost edit rotate-secrets` makes it needless.",
            )
        try:
            return self._cipher(number).decrypt(ciphertext.encode()).decode()
        except InvalidToken as error:
            where = "SECRET_KEY" if number == _DERIVED else _SETTING
            raise ConfigurationError(
                f"The secret {name} cannot be read: it was encrypted with another key {number} "
                f"than the one in {where}, or was changed since.",
                field=where,
                hint="Restore the key with which it was stored, or store the secret again.",
            ) from error

    def _cipher(self, number: str) -> Fernet:
        derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
        key = derivation.derive(self._texts[number].encode())
        return Fernet(base64.urlsafe_b64encode(key))


def _malformed(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{_SETTING} cannot be used: {why}.",
        field=_SETTING,
        hint='It looks like {"1": "<random text>", "2": "<another>"}; the highest number encrypts.',
    )
