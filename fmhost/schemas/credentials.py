"""Who a person says to be."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields


class CredentialsSchema(Schema):
    """E-mail address and password; a browser session of the same user needs no password."""

    class Meta:
        """Other fields are ignored."""

        unknown = EXCLUDE

    email = fields.String(required=True)
    password = fields.String()
