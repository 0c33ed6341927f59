"""How good forecasts were, over HTTP."""

from __future__ import annotations

import pytest

from fmhost.jobs.execute import execute

MESSAGE = {
    "start": "2026-03-02T06:00:00+01:00",
    "end": "2026-03-02T08:00:00+01:00",
    "horizons": ["PT1H", "PT2H"],
    "frequency": "PT1H",
    "forecaster": "SeasonalNaiveForecaster",
}


@pytest.fixture
def evaluations(path):
    return f"{path}/evaluations"


@pytest.fixture
def evaluate(member, evaluations):
    def ask(**changes):
        answer = member.post(evaluations, {**MESSAGE, **changes})
        assert answer.status_code == 202, answer.text
        return answer.get_json()

    return ask


def test_an_evaluation_is_asked_for_made_fetched_and_listed(
    member, installation, history, evaluations, evaluate
):
    told = evaluate()
    job_id = told["job"]
    assert told["results-url"] == f"/api/v3_0{evaluations}/{job_id}"
    assert member.get(f"{evaluations}/{job_id}").status_code == 202
    assert member.get(evaluations).get_json()["evaluations"] == []
    execute(installation, job_id, "worker")
    found = member.get(f"{evaluations}/{job_id}").get_json()
    assert (found["forecaster"], found["unit"], found["forecasts"]) == (
        "SeasonalNaiveForecaster",
        "kW",
        2,
    )
    assert [each["horizon"] for each in found["horizons"]] == ["PT1H", "PT2H"]
    assert [each["accuracy"] for each in found["horizons"]] == [1.0, 1.0]  # each day is the same
    (listed,) = member.get(evaluations).get_json()["evaluations"]
    assert listed.items() <= found.items()


def test_one_that_fails_says_why(member, installation, evaluations, evaluate):
    job_id = evaluate()["job"]
    execute(installation, job_id, "worker")
    answer = member.get(f"{evaluations}/{job_id}")
    assert answer.status_code == 422
    assert "Evaluation job failed with" in answer.get_json()["message"]["json"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start": None}, "start"),
        ({"end": "2026-03-02T05:00:00+01:00"}, "end"),
        ({"horizons": ["PT7M"]}, "horizon"),
        ({"frequency": "PT7M"}, "frequency"),
        ({"forecaster": "Nobody"}, "forecaster"),
        ({"config": {"regressors": [999]}}, "config.regressors.0"),
    ],
)
def test_impossible_requests_are_refused(member, evaluations, changes, field):
    answer = member.post(evaluations, {**MESSAGE, **changes})
    assert answer.status_code == 422
    assert field.split(".")[0] in answer.text


@pytest.mark.parametrize(
    ("who", "may_ask", "may_look"),
    [("member", True, True), ("admin_reader", False, True), ("other_member", False, False)],
)
def test_who_may(as_user, tenant, evaluations, evaluate, who, may_ask, may_look):
    job_id = evaluate()["job"]
    caller = as_user(getattr(tenant, who))
    assert caller.post(evaluations, MESSAGE).status_code == (202 if may_ask else 403)
    assert caller.get(evaluations).status_code == (200 if may_look else 403)
    assert caller.get(f"{evaluations}/{job_id}").status_code == (202 if may_look else 403)


def test_evaluations_that_nobody_knows(as_user, member, tenant, evaluations, evaluate):
    job_id = evaluate()["job"]
    assert member.get(f"{evaluations}/x").status_code == 422
    others = as_user(tenant.other_member)
    elsewhere = f"/sensors/{tenant.other_power.id}/forecasts/evaluations/{job_id}"
    assert others.get(elsewhere).status_code == 422
