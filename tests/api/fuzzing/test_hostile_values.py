"""Values that nobody means, for each field of each body and each parameter of each query."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from fmhost.testing.fuzzing.asker import refused
from fmhost.testing.fuzzing.requests import ROWS

#: Texts of JSON.
NUMBERS = (
    "1e400",
    "-1e400",
    "1" + "0" * 400,
    "-" + "9" * 400,
    str(2**31),
    str(2**63),
    str(-(2**63) - 1),
    str(2**64),
    "1e308",
    "5e-324",
    "-0.0",
    "-1",
    "0",
    "true",
    "null",
)

TEXTS = (
    "",
    " ",
    "\t\n",
    "x" * 100_000,
    "9" * 5_000,
    "NaN",
    "Infinity",
    "1e999",
    "1e400 kW",
    "-" + "9" * 400,
    "\u202e\u0645\u0631\u062d\u0628\u0627",  # from right to left
    "\u0661\u0662",  # digits, but none of ours
    "\ufeff\u200b\u2060",
    "\U0001f50b" * 50,
    "a\u0300" * 200,
    "P-1D",
    "-P1D",
    "-PT1M",
    "P0D",
    "P999999Y",
    "P" + "9" * 30 + "Y",
    "PT" + "9" * 400 + "S",
    "PT0.000000001S",
    "PT1e5H",
    "P1Y2M3DT4H5M6.789S",
    "0001-01-01T00:00:00+00:00",
    "0001-01-01T00:00:00+14:00",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999+00:00",
    "9999-12-31T23:59:59-14:00",
    "10000-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-03-02T24:00:00Z",
    "2026-03-02T23:59:60Z",
    "2026-03-02T00:00:00+99:99",
    "2026-03-02T00:00:00",
    "0001-01-01",
    "9999-12-31",
    "'; DROP TABLE sensor; --",
    "' OR '1'='1",
    "%' ESCAPE '",
    "\\",
    "%_%%s%(x)s{}{0.__class__}",
    "{{ 7 * 7 }}{% import os %}${7*7}<%= 7*7 %>#{7*7}",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "https://example.org/%00%0d%0a",
    "ea1.2021-01.io.flexmeasures:fm1.99999999999999999999",
    "ea1.9999-99.localhost:fm1.1",
    "1 // (0 * kW)",
    "kW**9999999",
    "10**10**10 kW",
    "((((((((((",
)

STRUCTURES = (
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "[null]",
    "[[[[1]]]]",
    '{"x": 1}',
    '{"": ""}',
    '{"sensor": -1}',
    '{"sensor": 9223372036854775808}',
    '{"sensor": null}',
    '[{"sensor": {"sensor": 1}}]',
    '[{"start": "0001-01-01T00:00:00Z", "end": "9999-12-31T00:00:00Z", "value": 1}]',
)

HOSTILE = (*NUMBERS, *(json.dumps(text) for text in TEXTS), *STRUCTURES)

BODIES = [operation for operation, rows in ROWS.items() if rows[0].json is not None]

#: Operations whose body is a form.
FORMS = [operation for operation, rows in ROWS.items() if rows[0].form is not None]

#: Of these some have no query; the document knows.
QUERIES = [operation for operation, rows in ROWS.items() if rows[0].json is None]

#: What stands in a query is text.
QUERIED = (*TEXTS, *NUMBERS[:-2], "[]", "{}", '{"x": 1}', "a|b,c", '"', "1,2,3", "\x00", "\ud800")

#: Of what a refusal can be about, besides a field.
PLACES = {"json", "combined_sensor_data_description", "query"}

#: Fields whose own fields stand in their stead in a refusal.
OBJECTS = {"flex_context", "flex_model", "flex-context", "flex-model", "config"}


def with_raw(valid, fields):
    """A body in JSON, with fields whose values are texts of JSON already."""
    whole = {name: json.dumps(value) for name, value in valid.items()} | fields
    return "{" + ", ".join(f"{json.dumps(name)}: {raw}" for name, raw in whole.items()) + "}"


def unclear(answer, field, fields):
    """Why a refusal does not say what is wrong; None where it does, or there is none.

    What is wrong may be that a field does not go together with another one of the operation's.
    """
    if answer.status_code != 422:
        return None
    named = {name.replace("-", "_") for name in refused(answer) - PLACES}
    related = {"_schema", field, *fields} if field not in OBJECTS else named
    if named & {name.replace("-", "_") for name in related}:
        return None
    return f"{field}: {answer.text[:600]}"


@pytest.mark.parametrize("operation", BODIES)
def test_fields_of_bodies(asker, operation):
    valid = asker.valid(operation).json
    fields = asker.fields(operation)

    def send(hostile):
        body = with_raw(valid, hostile)
        return asker.send(operation, data=body, content_type="application/json")

    def problems():
        for raw in asker.turn(operation, HOSTILE):
            # Those that are wrong by themselves are refused together, the others one by one.
            together = send(dict.fromkeys(fields, raw))
            named = refused(together) if together.status_code == 422 else set()
            for field in fields:
                if field not in named:
                    yield raw[:100], unclear(send({field: raw}), field, fields)

    assert [each for each in problems() if each[1]] == []


@pytest.mark.parametrize("operation", QUERIES)
def test_parameters_of_queries(asker, operation):
    valid = dict(asker.valid(operation).query)
    names = asker.parameters(operation)

    def send(hostile):
        query = urlencode({**valid, **hostile}, errors="surrogatepass")
        return asker.send(operation, query_string=query, data=asker.valid(operation).form)

    def problems():
        for text in asker.turn(operation, QUERIED) if names else ("x",):
            together = send(dict.fromkeys(names, text))
            named = refused(together) if together.status_code == 422 else set()
            for name in names:
                if name not in named:
                    yield text[:100], unclear(send({name: text}), name, names)

    assert [each for each in problems() if each[1]] == []


@pytest.mark.parametrize("operation", FORMS)
def test_fields_of_forms(asker, operation):
    names = sorted({*asker.fields(operation), *asker.valid(operation).form})

    def problems():
        for text in asker.share((*TEXTS, "\x00", "a\x00b")):
            for name in names:
                form = {**asker.valid(operation).form, name: text}
                yield text[:100], unclear(asker.send(operation, data=form), name, names)

    assert [each for each in problems() if each[1]] == []
