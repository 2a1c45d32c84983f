"""The operator's own plan of takedowns."""

from datetime import timedelta
from pathlib import Path

import pytest

from safelight.adapter.plan import read_plan
from safelight.model.errors import UsageError
from safelight.model.takedown import Plan, PlanStep, Scope

GOOD = """
looks = ["PT30M", "PT6H"]
watch = ["P1D", "P30D"]

[[steps]]
scope = "host"
wait = "P1DT12H"

[[steps]]
scope = "hotline"
wait = "P3D"
"""


def test_a_plan_is_read(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(GOOD)
    hours = timedelta(hours=1)
    assert read_plan(tmp_path / "plan.toml") == Plan(
        (PlanStep(Scope.HOST, 36 * hours), PlanStep(Scope.HOTLINE, 72 * hours)),
        (hours / 2, 6 * hours),
        (24 * hours, 720 * hours),
    )


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (('"hotline"', '"host"'), "a scope comes twice"),
        (('"hotline"', '"everybody"'), "number 2: `scope` takes site, host"),
        (('"P3D"', '"P"'), "number 2: a wait is an ISO 8601 duration"),
        (('"P3D"', '"P1M"'), "a wait is an ISO 8601 duration"),
        (('"P3D"', "3"), "a wait is an ISO 8601 duration"),
        (('"P3D"', '"P400D"'), "from PT5M to P365D"),
        (('"PT30M"', '"PT1M"'), "looks: a wait is"),
        (('wait = "P3D"', ""), "it takes `scope` and `wait`"),
        (("looks =", "look ="), "it has no use for 'look'"),
        (('["P1D", "P30D"]', "[]"), "watch: it takes a list"),
        (("[[steps]]", "[[steps]"), "it cannot be read"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, change: tuple[str, str], cause: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(GOOD.replace(*change))
    with pytest.raises(UsageError) as error:
        read_plan(path)
    assert cause in str(error.value)
    assert str(path) in str(error.value)
    with pytest.raises(UsageError, match="it cannot be read"):
        read_plan(tmp_path / "nowhere")
