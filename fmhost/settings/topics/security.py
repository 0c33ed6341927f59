"""Security"""

from __future__ import annotations

from fmhost.settings.container_types import TEXT, Dictionary, ListOf
from fmhost.settings.setting import RECOMMENDED, REQUIRED, Setting
from fmhost.settings.time_types import Duration
from fmhost.settings.value_types import Boolean, Integer, OneOf, OrNone, Text

_DUMMY_KEY = "not-secret-only-for-tests-and-documentation"
_DUMMY = {"testing": _DUMMY_KEY, "documentation": _DUMMY_KEY}

SETTINGS = (
    Setting(
        "SECRET_KEY",
        OrNone(TEXT),
        None,
        "Signs sessions and tokens. At least 32 random characters, the same for all processes of "
        "the installation.",
        from_environment=True,
        by_environment=_DUMMY,
        secret=True,
        importance=REQUIRED,
        default_text="content of the file `<instance>/secret_key`",
    ),
    Setting(
        "SECURITY_PASSWORD_SALT",
        OrNone(TEXT),
        None,
        "Pepper that is mixed into passwords before they are hashed.",
        by_environment=_DUMMY,
        secret=True,
        default_text="the secret key",
    ),
    Setting(
        "SECURITY_PASSWORD_HASH",
        Text(example="argon2"),
        "argon2",
        "Scheme by which passwords are hashed. Hashes of other schemes are still verified.",
        by_environment={"testing": "plaintext"},
    ),
    Setting(
        "SECURITY_TOKEN_AUTHENTICATION_HEADER",
        Text(example="Authorization"),
        "Authorization",
        "Request header that carries the access token.",
    ),
    Setting(
        "SECURITY_TOKEN_MAX_AGE",
        Integer(1, example="21600"),
        6 * 60 * 60,
        "How long an access token is valid [s].",
    ),
    Setting(
        "SECURITY_TRACKABLE",
        Boolean(),
        False,
        "Without effect: logins are counted and dated, and their addresses are not recorded.",
    ),
    Setting(
        "SECURITY_RECOVERABLE",
        Boolean(),
        True,
        "Whether users can ask by e-mail for a new password.",
    ),
    Setting(
        "SECURITY_REGISTERABLE",
        Boolean(),
        False,
        "Without effect: people do not register themselves, others add them.",
    ),
    Setting(
        "SECURITY_TWO_FACTOR",
        Boolean(),
        False,
        "Whether a login needs a second factor.",
        from_environment=True,
    ),
    Setting(
        "SECURITY_TOTP_SECRETS",
        OrNone(Dictionary(Text(), example='{"1": "some-random-text"}')),
        None,
        "Keys that protect the second factors, by number. Needed with `SECURITY_TWO_FACTOR`.",
        secret=True,
        default_text="content of the file `<instance>/totp_secrets`",
    ),
    Setting(
        "SECURITY_TOTP_ISSUER",
        Text(example="FlexMeasures"),
        "FlexMeasures",
        "Name under which a second factor appears to its user.",
    ),
    Setting(
        "SECURITY_TWO_FACTOR_ENABLED_METHODS",
        ListOf(example="email"),
        ["email"],
        "How a second factor may be sent.",
    ),
    Setting(
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE",
        Boolean(),
        True,
        "Whether each login asks for the second factor.",
    ),
    Setting(
        "SECURITY_TWO_FACTOR_LOGIN_VALIDITY",
        OneOf(Duration(), Text(example="1 week")),
        "1 week",
        "How long a second factor is trusted, where not each login asks for it.",
    ),
    Setting(
        "SECURITY_TWO_FACTOR_RESCUE_MAIL",
        OrNone(Text(example="support@example.org")),
        None,
        "Whom users without access to their second factor can ask.",
        default_text="address of `MAIL_DEFAULT_SENDER`",
    ),
    Setting(
        "SECURITY_PASSWORD_CHECK_BREACHED",
        OrNone(Text("best-effort", "strict")),
        "best-effort",
        "Whether new passwords are looked up in a public list of breached ones. None: they are "
        "not; `strict`: a password is refused when the list cannot be reached.",
        by_environment={"testing": None, "documentation": None},
    ),
    Setting(
        "SECURITY_PASSWORD_BREACHED_COUNT",
        Integer(1, example="3"),
        3,
        "From how many breaches on a password is refused.",
        aliases=("SECURITY_PASSWORD_CHECK_BREACHED_COUNT",),
    ),
    Setting(
        "SECURITY_PASSWORD_BREACHED_URL",
        Text(example="https://api.pwnedpasswords.com/range/"),
        "https://api.pwnedpasswords.com/range/",
        "Where the list of breached passwords is: a range service, asked by the first five digits "
        "of a password's SHA-1.",
    ),
    Setting(
        "FLEXMEASURES_SECRETS_ENCRYPTION_KEYS",
        OrNone(Dictionary(Text(), example='{"1": "some-random-text"}')),
        None,
        "Keys that encrypt the stored secrets of accounts and assets, by number. The highest "
        "encrypts, all decrypt.",
        secret=True,
        default_text="derived from the secret key",
    ),
    Setting(
        "WTF_CSRF_ENABLED",
        Boolean(),
        True,
        "Whether forms are protected against forged requests.",
        by_environment={"testing": False},
    ),
    Setting(
        "TRUSTED_HOSTS",
        OrNone(ListOf(example="example.org, .example.org")),
        None,
        "Host names under which the server answers. None: any.",
        from_environment=True,
        by_environment={"development": ["localhost", "127.0.0.1"]},
        importance=RECOMMENDED,
    ),
)
