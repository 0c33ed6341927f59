"""Two plugins that claim one thing: neither is preferred until the host decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from click.testing import Result

from fmhost.errors import InvalidInput
from fmhost.host.host import Host
from fmhost.testing.distributions import Distribution, plugin

SCHEDULER = """
from fmhost.plugin import Scheduler

class Greedy(Scheduler):
    def compute(self):
        return None
"""

COMMAND = """
import click

@click.command()
def command():
    click.echo(__name__)
"""

#: What two plugins may both claim and be left without: the claim, and the manifest's arguments.
DIVISIBLE = {
    "scheduler:Greedy": "schedulers={'Greedy': Driver('acme_{name}.code:Greedy')}",
    "forecaster:Wise": "forecasters={'Wise': Driver('acme_{name}.code:Wise')}",
    "reporter:Costs": "reporters={'Costs': Driver('acme_{name}.code:Costs')}",
    "scheduler-for:tank": (
        "schedulers={'{name}-S': Driver('acme_{name}.code:Greedy', asset_types=['tank'])}"
    ),
    "command:show weather": "commands=[Command('show weather', 'acme_{name}.code:command', 'X.')]",
    "route:/weather/<>": "pages=[Pages('acme_{name}.code:blueprint', ['/weather/<{name}>'])]",
    "menu:weather": "menu=[MenuEntry('weather', '/{name}', 'Weather')]",
}

#: What a plugin cannot do without.
INDIVISIBLE = {
    "permission:read-weather": "permissions=['read-weather']",
    "setting:WEATHER_KEY": "settings='acme_{name}.code:S', setting_names=['WEATHER_KEY']",
    "table-prefix:weather_": "migrations='acme_{name}:migrations', table_prefix='weather_'",
}


def rival(name: str, arguments: str, **files: str) -> Distribution:
    return plugin(
        name,
        f"manifest = Manifest('{name}', {arguments.replace('{name}', name)})",
        {f"{file}.py": text for file, text in files.items()},
    )


def rivals(arguments: str, **files: str) -> tuple[Distribution, Distribution]:
    return rival("alpha", arguments, **files), rival("beta", arguments, **files)


@pytest.mark.parametrize(("claim", "arguments"), DIVISIBLE.items(), ids=DIVISIBLE.keys())
def test_a_contested_claim_is_nobodys_and_both_plugins_go_on(
    claim: str, arguments: str, open_host: Callable[..., Host]
) -> None:
    host = open_host(*rivals(arguments))
    kind, _, name = claim.partition(":")
    for one, other in (("alpha", "beta"), ("beta", "alpha")):
        record = host.plugins[one]
        assert record.active
        assert not record.healthy
        assert not record.owns(kind, name)
        problem = record.contested[claim]
        assert problem.cause == f"It claims the {kind} '{name}', and so does '{other}'."
        assert f'FMHOST_PREFER = {{"{claim}": "alpha"}}' in problem.fix
        assert "FMHOST_PLUGINS_DISABLED" in problem.fix
        assert f"Plugin '{one}' (acme-{one} 1.0): {problem.cause}" in "\n".join(host.problems())


@pytest.mark.parametrize(("claim", "arguments"), DIVISIBLE.items(), ids=DIVISIBLE.keys())
def test_the_host_decides_who_keeps_a_claim(
    claim: str, arguments: str, open_host: Callable[..., Host]
) -> None:
    host = open_host(*rivals(arguments), prefer={claim: "beta"})
    kind, _, name = claim.partition(":")
    alpha, beta = host.plugins["alpha"], host.plugins["beta"]
    assert beta.owns(kind, name)
    assert not alpha.owns(kind, name)
    assert alpha.healthy
    assert beta.healthy
    assert alpha.withheld[claim].cause == f"FMHOST_PREFER gives the {kind} '{name}' to 'beta'."


@pytest.mark.parametrize(("claim", "arguments"), INDIVISIBLE.items(), ids=INDIVISIBLE.keys())
def test_a_contest_about_what_a_plugin_needs_takes_it_out_of_service(
    claim: str, arguments: str, good: Distribution, open_host: Callable[..., Host]
) -> None:
    host = open_host(good, *rivals(arguments))
    kind, _, name = claim.partition(":")
    for one, other in (("alpha", "beta"), ("beta", "alpha")):
        record = host.plugins[one]
        assert (record.status, record.stage) == ("failed", "compatible")
        assert record.cause == f"It claims the {kind} '{name}', and so does '{other}'."
        assert f'FMHOST_PREFER = {{"{claim}": "alpha"}}' in (record.fix or "")
    assert host.plugins["good"].healthy

    decided = open_host(prefer={claim: "beta"})
    assert decided.plugins["beta"].healthy
    assert decided.plugins["alpha"].status == "disabled"
    assert "to 'beta'" in (decided.plugins["alpha"].cause or "")


def test_disabling_one_rival_ends_the_contest(open_host: Callable[..., Host]) -> None:
    host = open_host(*rivals(DIVISIBLE["scheduler:Greedy"]), disabled=["alpha"])
    assert host.plugins["beta"].healthy
    assert host.registry.offers("scheduler")["Greedy"].record.name == "beta"


def test_a_preference_for_a_plugin_without_the_claim_decides_nothing(
    open_host: Callable[..., Host],
) -> None:
    host = open_host(*rivals(DIVISIBLE["scheduler:Greedy"]), prefer={"scheduler:Greedy": "storage"})
    assert not host.plugins["alpha"].owns("scheduler", "Greedy")
    assert "FMHOST_PREFER names 'storage', which does not claim it." in (
        host.plugins["alpha"].contested["scheduler:Greedy"].cause
    )


def test_a_plugin_that_fails_contests_nothing(open_host: Callable[..., Host]) -> None:
    broken = rival("alpha", f"requires=['nowhere'], {DIVISIBLE['scheduler:Greedy']}")
    fit = rival("beta", DIVISIBLE["scheduler:Greedy"])
    host = open_host(broken, fit)
    assert host.plugins["alpha"].status == "failed"
    assert host.plugins["beta"].healthy


def test_a_plugin_that_loses_its_tables_contests_nothing_else(
    open_host: Callable[..., Host],
) -> None:
    both = f"{INDIVISIBLE['table-prefix:weather_']}, {DIVISIBLE['scheduler:Greedy']}"
    third = rival("gamma", DIVISIBLE["scheduler:Greedy"])
    host = open_host(*rivals(both), third)
    assert host.plugins["gamma"].owns("scheduler", "Greedy")


def test_table_prefixes_that_overlap_clash(open_host: Callable[..., Host]) -> None:
    host = open_host(
        rival("alpha", "migrations='acme_alpha:migrations', table_prefix='weather_'"),
        rival("beta", "migrations='acme_beta:migrations', table_prefix='weather_wind_'"),
    )
    for name in ("alpha", "beta"):
        assert host.plugins[name].status == "failed"
        assert "'weather_wind_' begins with 'weather_'" in (host.plugins[name].cause or "")


def test_a_contested_scheduler_is_refused_with_the_reason(open_host: Callable[..., Host]) -> None:
    host = open_host(*rivals(DIVISIBLE["scheduler:Greedy"], code=SCHEDULER))
    with pytest.raises(InvalidInput) as caught:
        host.registry.get("scheduler", "Greedy")
    assert "'alpha' is unavailable. It claims the scheduler 'Greedy', and so does 'beta'." in (
        caught.value.message
    )
    assert "FMHOST_PREFER" in (caught.value.hint or "")
    assert "Greedy" not in host.registry.names("scheduler")


def test_an_asset_type_that_two_schedulers_claim_has_no_choice_until_the_host_decides(
    open_host: Callable[..., Host],
) -> None:
    host = open_host(*rivals(DIVISIBLE["scheduler-for:tank"]))
    assert host.registry.for_asset_type("scheduler", "tank") is None
    assert {"alpha-S", "beta-S"} <= set(host.registry.names("scheduler"))
    decided = open_host(prefer={"scheduler-for:tank": "beta"})
    assert decided.registry.for_asset_type("scheduler", "tank") == "beta-S"


def test_a_contested_command_says_why_it_cannot_be_run(
    install: Callable[..., None], fmhost: Callable[..., Result]
) -> None:
    install(*rivals(DIVISIBLE["command:show weather"], code=COMMAND))
    refused = fmhost("show", "weather")
    assert refused.exit_code == 1
    assert "The command 'fmhost show weather' is unavailable." in refused.stderr
    assert "It claims the command 'show weather', and so does" in refused.stderr
    assert "FMHOST_PREFER" in refused.stderr
    assert "weather" not in fmhost("show", "--help").stdout
    assert fmhost("show", "--help").exit_code == 0

    prefer: Mapping[str, str] = {"FMHOST_PREFER": '{"command:show weather": "beta"}'}
    assert fmhost("show", "weather", **prefer).stdout == "acme_beta.code\n"
    assert "weather" in fmhost("show", "--help", **prefer).stdout


def test_a_command_of_the_kernel_stays_the_kernels(
    install: Callable[..., None], fmhost: Callable[..., Result]
) -> None:
    install(
        rival("alpha", "commands=[Command('run', 'acme_alpha.code:command', 'X.')]", code=COMMAND)
    )
    assert "Serve the API" in fmhost("--help").stdout
    listed = fmhost("plugins", "list")
    assert "claims the command 'run', which belongs to fmhost itself" in listed.stderr
    assert "Ask the author of acme-alpha for another name" in listed.stderr


def test_plugins_of_one_name_are_both_left_out_and_both_listed(
    good: Distribution, open_host: Callable[..., Host]
) -> None:
    one = plugin("weather", "raise RuntimeError('must not be imported')")
    two = Distribution(
        "other-weather",
        {"other_weather.py": "raise RuntimeError('must not be imported')"},
        entry_points={"fmhost.plugins": {"weather": "other_weather:manifest"}},
    )
    host = open_host(good, one, two)
    twins = [record for record in host.records if record.name == "weather"]
    assert [twin.distribution for twin in twins] == ["acme-weather", "other-weather"]
    for twin in twins:
        assert (twin.status, twin.stage) == ("failed", "found")
        assert twin.cause == "acme-weather and other-weather both bring a plugin named 'weather'."
        assert '{"plugin:weather": "acme-weather"}' in (twin.fix or "")
    assert host.plugins["good"].healthy


def test_the_host_decides_between_plugins_of_one_name(open_host: Callable[..., Host]) -> None:
    one = plugin("weather", "raise RuntimeError('must not be imported')")
    two = Distribution(
        "other-weather",
        {"other_weather.py": "from fmhost.plugin import Manifest\nmanifest = Manifest('weather')"},
        entry_points={"fmhost.plugins": {"weather": "other_weather:manifest"}},
    )
    host = open_host(one, two, prefer={"plugin:weather": "other-weather"})
    assert host.plugins["weather"].distribution == "other-weather"
    assert host.plugins["weather"].healthy
    (loser,) = [record for record in host.records if record.distribution == "acme-weather"]
    assert loser.status == "disabled"
    assert "FMHOST_PREFER gives the name 'weather' to other-weather" in (loser.cause or "")
