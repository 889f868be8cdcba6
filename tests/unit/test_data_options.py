"""What a model is judged on, as it is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from collector.models.data_options import DataOptions, judging_of
from collector.models.request import DataRequest, Judging, is_function
from results.errors import UsageError

ALL = DataOptions("photos", Path("l.csv"), "more", 0.875, 100, "mine:f1")


def test_every_option_finds_its_place() -> None:
    assert judging_of(ALL) == Judging(
        DataRequest("photos", Path("l.csv"), 0.875, 100), DataRequest("more", None, 0.875),
        "mine:f1",
    )  # fmt: skip
    assert judging_of(DataOptions("photos")) == Judging(DataRequest("photos"))
    assert judging_of(DataOptions()) is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (DataOptions(labels=Path("l.csv")), "--labels speaks of a dataset"),
        (DataOptions(calibration="x"), "--calibration speaks"),
        (DataOptions(central_fraction=0.5), "--central-fraction speaks"),
        (DataOptions(max_samples=5), "--max-samples speaks"),
        (DataOptions(metric="a:b"), "--metric speaks"),
        (replace(ALL, dataset=" "), "--dataset is empty"),
        (replace(ALL, calibration=""), "--calibration is empty"),
        (replace(ALL, central_fraction=0.0), "is 0"),
        (replace(ALL, central_fraction=1.5), "is 1.5"),
        (replace(ALL, central_fraction=float("nan")), "is nan"),
        (replace(ALL, max_samples=0), "is 0"),
        (replace(ALL, metric="accuracy"), "'accuracy'"),
    ],
)
def test_what_cannot_be_is_refused_with_the_value_seen(options: DataOptions, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        judging_of(options)
    assert said in raised.value.message
    assert raised.value.hint


def test_paths_are_seen_from_a_folder_and_functions_are_not() -> None:
    below = Judging(DataRequest("photos", Path("l.csv")), DataRequest("mine:calib")).below(
        Path("/s")
    )
    assert below.data == DataRequest("/s/photos", Path("/s/l.csv"))
    assert below.calibration == DataRequest("mine:calib", folder=Path("/s"))


def test_a_path_with_a_colon_that_is_there_is_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_function("a:b")
    (tmp_path / "a:b").mkdir()
    assert not is_function("a:b")
    assert not is_function("photos")
    assert not is_function("C:\\photos")
