"""Compressed answers, for clients that take them."""

from __future__ import annotations

from flask import Flask
from flask_compress import Compress

#: Smaller bodies fit into one packet anyway [bytes].
SMALLEST = 1400

#: Not pages: what they repeat of a request, next to the token of a form, would let somebody who
#: listens guess the token from the lengths (BREACH). Not pictures: they are compressed already.
_TYPES = (
    "application/geo+json",
    "application/javascript",
    "application/json",
    "application/vnd.vegalite.v5+json",
    "image/svg+xml",
    "text/css",
    "text/csv",
    "text/javascript",
)


def compress_answers(app: Flask) -> None:
    """Compress the bodies of good answers that are worth it; what is streamed stays as it is."""
    app.config |= {
        "COMPRESS_MIMETYPES": list(_TYPES),
        "COMPRESS_MIN_SIZE": SMALLEST,
        "COMPRESS_ALGORITHM": ["gzip"],
        # More effort makes series of numbers hardly smaller, and takes twice as long.
        "COMPRESS_LEVEL": 4,
        "COMPRESS_STREAMS": False,
    }
    Compress(app)
