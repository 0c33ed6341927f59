from datetime import timedelta

import pytest
from fmhost.plugin import InvalidInput, Job, Sensor, execute, schedules
from fmhost.testing import SchedulerConformance

from {{ cookiecutter.module_name }}.scheduler import {{ cookiecutter.__class_prefix }}Scheduler


def ask(installation, session, sensor, flex_model):
    return schedules.trigger(
        installation,
        session,
        target=sensor,
        start=installation.now(),
        duration=timedelta(hours=4),
        flex_model=flex_model,
        scheduler="{{ cookiecutter.__class_prefix }}Scheduler",
    )


def test_energy_is_spread_evenly(installation, tenant):
    with installation.database.transaction() as session:
        sensor = session.get(Sensor, tenant.power.id)
        job_id = ask(installation, session, sensor, {"energy": "12 kWh"}).id
    execute(installation, job_id, "test")
    with installation.database.reading() as session:
        job = session.get(Job, job_id)
        assert job.state == "finished", job.error
        sensor = session.get(Sensor, tenant.power.id)
        schedule = schedules.fetch(installation, session, job, sensor)
        assert (schedule.unit, list(schedule.values)) == ("kW", [3.0] * 16)
        assert job.provenance["distribution"] == "{{ cookiecutter.plugin_slug }}"


@pytest.mark.parametrize(
    ("flex_model", "field"),
    [
        ("12 kWh", "flex-model"),
        ({"energy": "a lot"}, "energy"),
        ({"energy": "12 EUR"}, "energy"),
        ({"energy": "12 kWh", "power-capacity": "2 kW"}, "energy"),
    ],
)
def test_what_cannot_be_is_refused_at_once(installation, tenant, flex_model, field):
    with installation.database.transaction() as session:
        sensor = session.get(Sensor, tenant.power.id)
        with pytest.raises(InvalidInput) as caught:
            ask(installation, session, sensor, flex_model)
    assert caught.value.field == field


class TestConformance(SchedulerConformance):
    """What every scheduler has to do; see the page "Testing a plugin"."""

    scheduler = {{ cookiecutter.__class_prefix }}Scheduler
    flex_model = {"energy": "12 kWh", "power-capacity": "3 kW"}
    power_bounds = (0, 3)
    storage = None
    bad_fields = {"energy": "12 kW", "power-capacity": "3 kWh", "no-such-field": 1}
    does_not_apply = {
        "state_of_charge_keeps_to_its_bounds": "It stores nothing.",
        "consumption_is_positive": "It runs at an even pace, whatever energy costs.",
        "missing_prices_are_told": "It takes no prices.",
    }

    def infeasible_flex_model_for(self, site, day):
        return {"energy": "100 kWh", "power-capacity": "3 kW"}
