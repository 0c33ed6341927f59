"""``fmhost demo``: from nothing to an optimal battery schedule."""
