"""``fmhost forecasts``: one module per command."""
