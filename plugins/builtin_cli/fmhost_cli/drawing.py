"""Draw a chart: ``python -m fmhost_cli.drawing png`` makes a picture of a specification.

It reads the specification, in the Vega-Lite grammar, from the standard input, and writes the
picture to the standard output. A process of its own, because the times on its axis are those of
the time zone of its process.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

from fmhost.plugin import InvalidInput

#: Pixels of a PNG file for each pixel of the chart.
_SCALE = 2.0


def draw(specification: str, kind: str, timezone: str) -> bytes:
    """The picture of a specification.

    :param kind: ``png`` or ``svg``.
    :param timezone: name of the zone of its axis of time.
    :raises InvalidInput: where what draws is not installed.
    """
    if find_spec("vl_convert") is None:
        raise InvalidInput(
            "What draws charts is not installed.",
            hint='`pip install "fmhost[charts]"` installs it; pages draw charts without it.',
        )
    done = subprocess.run(
        [sys.executable, "-m", "fmhost_cli.drawing", kind],
        input=specification.encode(),
        stdout=subprocess.PIPE,
        env={"TZ": timezone},
        check=True,
    )
    return done.stdout


def main() -> None:
    """Draw what comes in, as the first argument says."""
    import vl_convert  # large, and needed here only

    specification = sys.stdin.read()
    if sys.argv[1] == "png":
        picture = vl_convert.vegalite_to_png(specification, scale=_SCALE)
    else:
        picture = vl_convert.vegalite_to_svg(specification).encode()
    sys.stdout.buffer.write(picture)


if __name__ == "__main__":
    main()
