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
    Setting(
        "FMHOST_CHECK_MAIL_DOMAINS",
        Boolean(),
        True,
        "Whether the name servers are asked if the domain of a new user's e-mail address takes "
        "mail. Where they do not answer, the address is taken.",
        from_environment=True,
        by_environment={"testing": False, "development": False, "documentation": False},
    ),
    Setting(
        "FMHOST_SITE_URL",
        OrNone(Text(example="https://flex.example.org")),
        None,
        "Address of the site, to which links in mails lead. Without it they lead to the address "
        "that a request was for, which whoever sends it can forge, unless `TRUSTED_HOSTS` is set.",
        from_environment=True,
        default_text="the address that the request was for",
    ),
)
