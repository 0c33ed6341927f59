"""A short run of what ``make chaos`` does in full."""

from __future__ import annotations

from pathlib import Path

from fmhost.testing.chaos.trial import Plan, run


def test_nothing_is_lost_or_doubled_while_everything_fails_once(tmp_path: Path) -> None:
    plan = Plan(jobs=60, rounds=1, pause=0.2, longest_job=0.05)
    said: list[str] = []
    outcome = run(plan, tmp_path, said.append)
    assert len(said) == 6
    assert outcome.jobs > 30
    assert outcome.is_clean, outcome
    assert outcome.posts > 0
    assert outcome.settled_after < plan.patience
