"""The same sites at FlexMeasures: from trigger to schedule, over HTTP, with one worker."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from real_series.peer import Peer

from fmhost.testing.servers import free_port
from planning.cases import START, Case
from planning.stored import Stored

EMAIL, PASSWORD = "bench@example.org", "bench-benches-9!"
#: How long to wait for a server, and for a schedule [s].
PATIENCE = 300.0
PAUSE = 0.01
HOUR = timedelta(hours=1)


class PlanningPeer(Peer):
    """A server and a worker of it; use :meth:`serving`.

    :param program: path of the command ``flexmeasures``, or of the Python beside it.
    """

    def __init__(self, program: Path) -> None:
        beside = program.with_name("flexmeasures")
        super().__init__(beside if program.name.startswith("python") else program)
        with (self._home / ".flexmeasures.cfg").open("a") as settings:
            settings.write("RATELIMIT_ENABLED = False\n")  # we ask often whether it is done
        self._answered(
            *("add", "user", "--username", "bench", "--email", EMAIL, "--account", "1"),
            *("--roles", "admin"),
        )
        self._url = ""
        self._token = ""

    def _answered(self, *arguments: str) -> None:
        """Run a command that asks for a password, twice."""
        subprocess.run(
            [str(self._program), *arguments],
            env=self.environment,
            cwd=self._home,
            input=f"{PASSWORD}\n{PASSWORD}\n",
            text=True,
            check=True,
            capture_output=True,
        )

    @contextmanager
    def serving(self) -> Iterator[None]:
        """A server and a worker, while the context lasts."""
        port = free_port()
        self._url = f"http://127.0.0.1:{port}"
        commands = (
            ("run", "--host", "127.0.0.1", "--port", str(port)),
            ("jobs", "run-worker", "--queue", "scheduling"),
        )
        log = (self._home / "log").open("w")
        running = [
            subprocess.Popen(
                [str(self._program), *each],
                env=self.environment,
                cwd=self._home,
                stdout=log,
                stderr=log,
            )
            for each in commands
        ]
        try:
            self._token = self._log_in()
            yield
        finally:
            for process in running:
                process.terminate()
                process.wait()
            log.close()

    def _log_in(self) -> str:
        patience = time.monotonic() + PATIENCE
        while True:
            try:
                given = {"email": EMAIL, "password": PASSWORD}
                return str(self.ask("POST", "/api/requestAuthToken", given)[1]["auth_token"])
            except urllib.error.URLError:
                if time.monotonic() > patience:
                    raise
                time.sleep(0.2)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Status and JSON of an answer."""
        request = urllib.request.Request(
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": self._token},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, {"text": error.read().decode(errors="replace")}

    def _made(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        status, answer = self.ask("POST", path, body)
        if status >= 300:
            raise SystemExit(f"The peer answered {status} to {path}: {answer}")
        return dict(answer)

    def store(self, case: Case) -> Stored:
        """Make the site of a case."""
        site = self._asset(case.name, None)
        ids: dict[str, int] = {}
        for name, given in case.series.items():
            ids[name] = self._sensor(site, name, given.unit, given.minutes)
            length = timedelta(minutes=given.minutes) * len(given.values)
            self._made(
                f"/api/v3_0/sensors/{ids[name]}/data",
                {
                    "start": START.isoformat(),
                    "duration": f"PT{length / HOUR:g}H",
                    "values": given.values.tolist(),
                    "unit": given.unit,
                    "prior": (START - HOUR).isoformat(),
                },
            )
        sensors = [
            self._sensor(self._asset(f"{case.name} {number}", site), "power", "MW", case.minutes)
            for number, _ in enumerate(case.devices)
        ]
        context = case.filled(case.context, ids)
        if "inflexible-device-sensors" in context:
            listed = context["inflexible-device-sensors"]
            context["inflexible-device-sensors"] = [each["sensor"] for each in listed]
        request = {
            "start": START.isoformat(),
            "duration": f"PT{case.hours:g}H",
            "resolution": f"PT{case.minutes}M",
            "flex-model": [
                {**case.filled(device, ids), "sensor": number}
                for device, number in zip(case.devices, sensors, strict=True)
            ],
            "flex-context": context,
            "force-new-job-creation": True,
        }
        return Stored(site, sensors, request)

    def _asset(self, name: str, parent: int | None) -> int:
        body = {
            "name": name,
            "generic_asset_type_id": 1,
            "account_id": 1,
            "latitude": 50,
            "longitude": 5,
        }
        above = {} if parent is None else {"parent_asset_id": parent}
        return int(self._made("/api/v3_0/assets", body | above)["id"])

    def _sensor(self, asset: int, name: str, unit: str, minutes: int) -> int:
        body = {
            "name": name,
            "unit": unit,
            "event_resolution": f"PT{minutes}M",
            "timezone": "Europe/Amsterdam",
            "generic_asset_id": asset,
        }
        return int(self._made("/api/v3_0/sensors", body)["id"])

    def seconds_of(self, site: Stored) -> float:
        """Seconds from trigger to the schedule of the first device."""
        began = time.perf_counter()
        path = f"/api/v3_0/assets/{site.asset}/schedules/trigger"
        job = self._made(path, site.request)["schedule"]
        path = f"/api/v3_0/sensors/{site.sensors[0]}/schedules/{job}"
        while time.perf_counter() - began < PATIENCE:
            status, answer = self.ask("GET", path)
            if status == 200 and "values" in answer:
                return time.perf_counter() - began
            if "failed" in json.dumps(answer):
                raise SystemExit(f"The peer made no schedule: {answer}")
            time.sleep(PAUSE)
        raise SystemExit(f"The peer made no schedule within {PATIENCE:g} s.")
