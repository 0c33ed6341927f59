"""Add up what all processes counted, and write it as Prometheus reads it.

Counts of processes that ended go into one file, so that the number of files stays that of the
processes.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fmhost.telemetry.metrics.cells import SUFFIX, is_alive, read_cells

#: The format that is written.
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_ENDED: Final = "ended.json"


@dataclass
class Family:
    """All samples of one figure.

    :param samples: by suffix of the name and labels.
    """

    name: str
    kind: str
    help_line: str = ""
    samples: dict[tuple[str, tuple[tuple[str, str], ...]], float] = field(default_factory=dict)

    def put(self, value: float, **labels: str) -> Family:
        """Set the sample with these labels."""
        self.samples["", tuple(labels.items())] = value
        return self


def collected(folder: Path) -> list[Family]:
    """What all processes that count in a folder have counted, also those that ended."""
    if not folder.is_dir():
        return []
    with _alone(folder):
        totals = _ended(folder)
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            for key, value in read_cells(path):
                totals[key.decode()] += value
    return _families(totals)


def rendered(families: Iterable[Family]) -> str:
    """The families in Prometheus' text format."""
    return "".join(line for family in families for line in _lines(family))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else adds up meanwhile."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ended(folder: Path) -> defaultdict[str, float]:
    """What processes counted that ended; their files are added to the common one and removed."""
    common = folder / _ENDED
    known = json.loads(common.read_text("utf-8")) if common.exists() else {"of": [], "totals": {}}
    totals: defaultdict[str, float] = defaultdict(float, known["totals"])
    dead = [path for path in folder.glob(f"*{SUFFIX}") if not is_alive(path)]
    for path in dead:
        if path.name in known["of"]:
            continue  # it was added, and we were stopped before it was removed
        for key, value in read_cells(path):
            name = key.decode()
            if json.loads(name)[1] != "gauge":
                totals[name] += value
    if dead:
        draft = folder / f"{_ENDED}.new"
        of = [path.name for path in dead]
        draft.write_text(json.dumps({"of": of, "totals": totals}), "utf-8")
        os.replace(draft, common)
        for path in dead:
            path.unlink()
    return totals


def _families(totals: Mapping[str, float]) -> list[Family]:
    families: dict[str, Family] = {}
    for key, value in sorted(totals.items()):
        name, kind, role, labels = json.loads(key)
        family = families.setdefault(name, Family(name, kind))
        if role == "help":
            family.help_line = labels["help"]
        else:
            suffix = {"value": "", "class": "_bucket", "sum": "_sum"}[role]
            family.samples[suffix, tuple(labels.items())] = value
    for family in families.values():
        if family.kind == "histogram":
            _accumulate(family)
    return list(families.values())


def _accumulate(family: Family) -> None:
    """From numbers by class to numbers up to each bound, and their number altogether."""
    by_labels: defaultdict[tuple[tuple[str, str], ...], dict[float, str]] = defaultdict(dict)
    for suffix, labels in family.samples:
        if suffix == "_bucket":
            bound = dict(labels)["le"]
            by_labels[labels[:-1]][float(bound)] = bound
    for labels, bounds in by_labels.items():
        count = 0.0
        for _, bound in sorted(bounds.items()):
            key = ("_bucket", (*labels, ("le", bound)))
            count = family.samples[key] = count + family.samples.pop(key)
        family.samples["_sum", labels] = family.samples.pop(("_sum", labels), 0.0)
        family.samples["_count", labels] = count


def _lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {_escaped(family.help_line)}\n"
    yield f"# TYPE {family.name} {family.kind}\n"
    for (suffix, labels), value in family.samples.items():
        told = ",".join(f'{name}="{_quoted(text)}"' for name, text in labels)
        braces = f"{{{told}}}" if told else ""
        yield f"{family.name}{suffix}{braces} {value:.12g}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')
