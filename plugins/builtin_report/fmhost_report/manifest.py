"""What the report plugin offers."""

from __future__ import annotations

from fmhost.plugin import Driver, Manifest

manifest = Manifest(
    name="report",
    reporters={
        "PandasReporter": Driver("fmhost_report.frames:PandasReporter"),
        "AggregatorReporter": Driver("fmhost_report.aggregator:AggregatorReporter"),
        "ProfitOrLossReporter": Driver("fmhost_report.profit:ProfitOrLossReporter"),
    },
)
