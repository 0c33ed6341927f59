"""Whatever one plugin does wrong, the installation starts and everything else works.

The record, the log and the command line say the plugin's name, the stage, the cause and the fix.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from click.testing import Result

from fmhost.host.host import Host
from fmhost.settings import load
from fmhost.testing.distributions import Distribution, plugin


@dataclass(frozen=True)
class Case:
    """One broken plugin.

    :param distribution: what is installed next to the good plugin.
    :param stage: the last stage that the broken plugin enters.
    :param cause: part of what the host says about it, and `fix` likewise.
    """

    distribution: Distribution
    stage: str
    cause: str
    fix: str
    composition: dict[str, float] = field(default_factory=dict)


def bad(manifest: str, **files: str) -> Distribution:
    return plugin("bad", manifest, {f"{name}.py": text for name, text in files.items()})


CASES = {
    "the manifest raises": Case(
        bad("raise RuntimeError('no luck today')"),
        "found",
        "cannot import acme_bad.manifest:manifest: RuntimeError: no luck today",
        'FMHOST_PLUGINS_DISABLED=["bad"]',
    ),
    "the manifest exits": Case(
        bad("raise SystemExit(3)"), "found", "SystemExit: 3", "FMHOST_PLUGINS_DISABLED"
    ),
    "the manifest has a syntax error": Case(
        bad("manifest = Manifest("), "found", "SyntaxError", "Install a version of acme-bad"
    ),
    "the manifest is malformed": Case(
        bad("manifest = Manifest('bad', requires='storage')"),
        "found",
        "Manifest.requires is 'storage'. It has to be a list or tuple of str",
        "Install a version of acme-bad",
    ),
    "the manifest is something else": Case(
        bad("manifest = 'bad'"), "found", "is a str, no fmhost.plugin.Manifest", "made for fmhost"
    ),
    "the manifest has no such name": Case(
        bad("plugin = Manifest('bad')"), "found", "has no attribute 'manifest'", "acme-bad"
    ),
    "the manifest has another name": Case(
        bad("manifest = Manifest('evil')"),
        "found",
        "Its entry point is named 'bad', and its manifest 'evil'",
        "give both the same name",
    ),
    "the manifest module is missing": Case(
        Distribution(
            "acme-bad", {}, entry_points={"fmhost.plugins": {"bad": "acme_bad.nowhere:manifest"}}
        ),
        "found",
        "there is no module 'acme_bad'",
        "Reinstall acme-bad",
    ),
    "a dependency is missing": Case(
        bad("import acme_dependency\nmanifest = Manifest('bad')"),
        "found",
        "module 'acme_dependency' is missing",
        "pip install -U acme-bad",
    ),
    "the manifest hangs": Case(
        bad("while True: pass"),
        "found",
        "did not finish importing acme_bad.manifest:manifest within 0.1 s",
        "move slow work out of the import",
        {"import_budget": 0.1},
    ),
    "it is made for another plugin API": Case(
        bad("manifest = Manifest('bad', plugin_api='>=2.0,<3')"),
        "manifest read",
        "works with plugin API >=2.0,<3, and this is 1.0",
        "Install a version of acme-bad made for this fmhost",
    ),
    "it requires what is not there": Case(
        bad("manifest = Manifest('bad', requires=('weather',))"),
        "compatible",
        "requires the plugin 'weather', which is not installed",
        "Install or enable 'weather'",
    ),
    "it claims a setting of the kernel": Case(
        bad(
            "manifest = Manifest('bad', settings='acme_bad.settings:S', "
            "setting_names=('LOGGING_LEVEL',))"
        ),
        "compatible",
        "claims the setting 'LOGGING_LEVEL', which belongs to fmhost itself",
        "Ask the author of acme-bad for another name",
    ),
    "its settings cannot be imported": Case(
        bad("manifest = Manifest('bad', settings='acme_bad.settings:S', setting_names=('BAD_X',))"),
        "free of conflicts",
        "there is no module 'acme_bad.settings'",
        "Reinstall acme-bad",
    ),
    "its settings are no settings": Case(
        bad(
            "manifest = Manifest('bad', settings='acme_bad.settings:S', setting_names=('BAD_X',))",
            settings="S = {'BAD_X': 1}",
        ),
        "free of conflicts",
        "acme_bad.settings:S is no mapping from setting names to fmhost.plugin.Setting",
        "acme-bad",
    ),
    "its settings are not those of the manifest": Case(
        bad(
            "manifest = Manifest('bad', settings='acme_bad.settings:S', setting_names=('BAD_X',))",
            settings="S = {}",
        ),
        "free of conflicts",
        "`setting_names` and acme_bad.settings:S differ: BAD_X",
        "name the same settings in both",
    ),
    "a hook is misspelled": Case(
        bad(
            "manifest = Manifest('bad', hooks='acme_bad.hooks')",
            hooks="""
                from fmhost.plugin import hookimpl

                @hookimpl
                def fmhost_beliefs_savd(count): ...
                """,
        ),
        "configured",
        "acme_bad.hooks implements 'fmhost_beliefs_savd', and there is no such hook",
        "Did you mean 'fmhost_beliefs_saved'?",
    ),
    "a hook has an unknown argument": Case(
        bad(
            "manifest = Manifest('bad', hooks='acme_bad.hooks')",
            hooks="""
                from fmhost.plugin import hookimpl

                @hookimpl
                def fmhost_beliefs_saved(number): ...
                """,
        ),
        "configured",
        "'fmhost_beliefs_saved' with the argument 'number'",
        "That hook has these: sensor, window, source, count",
    ),
    "a hook lacks the marker": Case(
        bad(
            "manifest = Manifest('bad', hooks='acme_bad.hooks')",
            hooks="def fmhost_beliefs_saved(count): ...",
        ),
        "configured",
        "acme_bad.hooks defines 'fmhost_beliefs_saved' without the marker",
        "Put @fmhost.plugin.hookimpl above it",
    ),
    "a hook is a wrapper": Case(
        bad(
            "manifest = Manifest('bad', hooks='acme_bad.hooks')",
            hooks="""
                from fmhost.plugin import hookimpl

                @hookimpl(wrapper=True)
                def fmhost_beliefs_saved(count):
                    return (yield)
                """,
        ),
        "configured",
        "implements 'fmhost_beliefs_saved' as a wrapper",
        "called one by one",
    ),
    "the hooks cannot be imported": Case(
        bad("manifest = Manifest('bad', hooks='acme_bad.hooks')", hooks="1 / 0"),
        "configured",
        "cannot import acme_bad.hooks: ZeroDivisionError",
        "acme-bad",
    ),
}

#: What only shows when the plugin's settings and hooks are read.
LATE = ("free of conflicts", "configured")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_record_and_the_log_say_what_is_wrong_and_the_rest_works(
    case: Case,
    good: Distribution,
    open_host: Callable[..., Host],
    caplog: pytest.LogCaptureFixture,
) -> None:
    host = open_host(good, case.distribution, **case.composition)
    with caplog.at_level(logging.ERROR, "fmhost.host"):
        settings = host.configure(load(environ={}))
        host.start()

    record = host.plugins["bad"]
    assert (record.status, record.stage) == ("failed", case.stage)
    assert case.cause in f"{record.cause} {record.fix}"
    assert case.fix in f"{record.cause} {record.fix}"
    (line,) = [message for message in caplog.messages if "'bad'" in message]
    for part in ("acme-bad 1.0", f"stage reached: {case.stage}", case.cause, case.fix):
        assert part in line

    assert host.plugins["good"].healthy
    assert host.plugins["good"].stage == "active"
    assert settings["GOOD_COLOUR"] == "blue"
    scheduler, provenance = host.registry.get("scheduler", "GoodScheduler")
    assert scheduler.__module__ == "acme_good.scheduler"
    assert provenance.as_dict() == {
        "plugin": "good",
        "distribution": "acme-good",
        "version": "1.0",
        "name": "GoodScheduler",
    }
    assert host.hooks.call("fmhost_beliefs_saved", sensor=1, window=(), source=2, count=3) == [
        "good 3"
    ]
    assert {"cli", "forecast", "storage", "ui"} <= {active.name for active in host.active}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_command_line_says_what_is_wrong_and_the_rest_works(
    case: Case,
    good: Distribution,
    install: Callable[..., None],
    fmhost: Callable[..., Result],
) -> None:
    install(good, case.distribution)
    environ = {"FMHOST_PLUGIN_IMPORT_TIMEOUT": "0.1"} if case.composition else {}

    listed = fmhost("plugins", "list", **environ)
    assert listed.exit_code == 0
    assert "good" in listed.stdout
    if case.stage not in LATE:
        assert f"Plugin 'bad' (acme-bad 1.0) is failed (stage reached: {case.stage})" in (
            listed.stderr
        )
        assert case.cause in listed.stderr
        assert case.fix in listed.stderr

    checked = fmhost("plugins", "check", **environ)
    assert checked.exit_code == 1
    assert f"Plugin 'bad' (acme-bad 1.0) is failed (stage reached: {case.stage})" in checked.stderr
    assert case.cause in checked.stderr
    assert case.fix in checked.stderr

    hello = fmhost("good", "hello", **environ)
    assert (hello.exit_code, hello.stdout) == (0, "Hello from the good plugin.\n")


def test_a_broken_distribution_hides_no_plugin(
    good: Distribution, open_host: Callable[..., Host]
) -> None:
    broken = Distribution(
        "acme-broken", {"acme_broken-1.0.dist-info/entry_points.txt": "fmhost.plugins ] ="}
    )
    host = open_host(broken, good)
    assert host.plugins["good"].active
    assert "broken" not in host.plugins


def test_a_distribution_without_readable_metadata_fails_its_plugins_alone(
    good: Distribution, open_host: Callable[..., Host], tmp_path_factory: pytest.TempPathFactory
) -> None:
    anonymous = Distribution(
        "acme-anonymous",
        {
            "nameless-1.0.dist-info/entry_points.txt": """
                [fmhost.plugins]
                nameless = acme_nameless:manifest
                """,
            "nameless-1.0.dist-info/METADATA": "Version: 1.0\n",
        },
    )
    host = open_host(anonymous, good)
    assert host.plugins["good"].active
    assert host.plugins["nameless"].status == "failed"
    assert "metadata" in (host.plugins["nameless"].cause or "")
    assert "Reinstall" in (host.plugins["nameless"].fix or "")


def test_disabling_a_broken_plugin_keeps_its_code_from_being_imported(
    open_host: Callable[..., Host], tmp_path_factory: pytest.TempPathFactory
) -> None:
    trace = tmp_path_factory.mktemp("trace") / "imported"
    intrusive = plugin("bad", f"open({str(trace)!r}, 'w').close()\nmanifest = Manifest('bad')")
    assert open_host(intrusive, disabled=["bad"]).plugins["bad"].status == "disabled"
    assert not trace.exists()
    assert open_host(intrusive).plugins["bad"].active
    assert trace.exists()
