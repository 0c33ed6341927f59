"""Mail"""

from __future__ import annotations

from fmhost.settings.container_types import Pair
from fmhost.settings.setting import RECOMMENDED, Setting
from fmhost.settings.value_types import Boolean, Integer, OneOf, OrNone, Text

SETTINGS = (
    Setting(
        "MAIL_SERVER",
        Text(example="smtp.example.org"),
        "localhost",
        "Host name of the mail server.",
        from_environment=True,
        importance=RECOMMENDED,
    ),
    Setting(
        "MAIL_PORT",
        Integer(1, example="587"),
        25,
        "Port of the mail server.",
        from_environment=True,
        importance=RECOMMENDED,
    ),
    Setting(
        "MAIL_USE_TLS",
        Boolean(),
        False,
        "Whether the connection is encrypted by STARTTLS.",
        from_environment=True,
    ),
    Setting(
        "MAIL_USE_SSL",
        Boolean(),
        False,
        "Whether the connection is encrypted from its start.",
        from_environment=True,
    ),
    Setting(
        "MAIL_USERNAME",
        OrNone(Text(example="fmhost")),
        None,
        "Login name at the mail server.",
        from_environment=True,
        importance=RECOMMENDED,
    ),
    Setting(
        "MAIL_PASSWORD",
        OrNone(Text()),
        None,
        "Password at the mail server.",
        from_environment=True,
        secret=True,
        importance=RECOMMENDED,
    ),
    Setting(
        "MAIL_DEFAULT_SENDER",
        OneOf(Pair("name", "address", example="FlexMeasures,no-reply@example.com"), Text()),
        ("FlexMeasures", "no-reply@example.com"),
        "Name and address from which mail is sent. Many servers refuse an address that differs "
        "from the one of `MAIL_USERNAME`.",
        from_environment=True,
        importance=RECOMMENDED,
    ),
)
