from dataclasses import asdict, replace

import numpy as np
import pytest

from safelight.bench.synthetic import fit, report
from safelight.bench.synthetic.report import Report, measure, refusal
from tests.bench.synthetic.clouds import data, source

DATA = data()
HEAD = fit.train(DATA)
EDITS = ("clean", "q75", "q50", "half")
EDITED = {edit: {one.name: one for one in (*DATA.real, *DATA.made)} for edit in EDITS}


def measured(**changes: object) -> Report:
    return measure(DATA, EDITED, (source("unseen drawings", 9, 20, drawn=4.0),), replace(HEAD, **changes), judged=True)  # type: ignore[arg-type]


def figure(found: Report, start: str) -> float:
    return next(row.value for row in found.rows if row.what.startswith(start))


def test_what_is_plain_to_see_passes_every_bar() -> None:
    found = measured()
    assert [row.holds for row in found.rows if row.bar is not None] == [True, True, True]
    assert figure(found, "mean AUC") > 0.95
    assert figure(found, "loss of mean AUC after JPEG quality 50") == 0
    assert figure(found, "share of unseen drawings outside") == 1
    assert refusal([asdict(row) for row in found.rows]) == ""


def test_a_threshold_that_is_too_low_is_refused_with_its_figure() -> None:
    found = measured(likely_above=-100.0, nothing_below=-200.0)
    assert figure(found, report.DECISIVE) > 0.9
    assert "more than 0.02" in refusal([asdict(row) for row in found.rows])


def test_every_source_and_generator_is_told_of() -> None:
    text = "\n".join(row.what for row in measured().rows)
    for one in DATA.real:
        assert f"FPR at the shipped threshold, {one.name} unseen" in text
        assert f"FPR of {one.name}, threshold set on the other sources" in text
        assert f"coverage of {one.name}" in text
    for one in DATA.made:
        assert f"TPR at the shipped threshold, {one.name} unseen" in text
    assert "leaky random split" in text


def test_figures_are_the_same_each_time() -> None:
    assert measured() == measured()


def test_chance_is_called_chance() -> None:
    blind = data(apart=0.0)
    found = measure(blind, {}, (), fit.train(blind), judged=True)
    assert figure(found, "mean AUC") == pytest.approx(0.5, abs=0.2)
    assert next(row.holds for row in found.rows if row.what.startswith("mean AUC")) is False


def test_a_quick_run_judges_nothing_and_lets_nothing_pass() -> None:
    found = measure(DATA, {}, (), HEAD, judged=False)
    assert all(row.bar is None and row.holds is None for row in found.rows)
    with pytest.raises(ValueError, match="no row of the worst source"):
        refusal([asdict(row) for row in found.rows])


def test_folds_are_disjoint_in_source_and_generator() -> None:
    folds = measured().details["folds"]
    assert isinstance(folds, list)
    assert len(folds) == len(DATA.real) * len(DATA.made)
    assert len({(one["real"], one["generator"]) for one in folds}) == len(folds)
    assert all(0 <= one["fpr"] <= 1 and np.isfinite(one["auc"]) for one in folds)
