"""Versions: their order, how a person names one, and spellings that are no change of kernel."""

from __future__ import annotations

import pytest

from results.comparison import LayerSide
from results.errors import UsageError
from results.facts import Runtime
from results.versions.kernels import precision_of, same_kernels, spelled, width_of
from results.versions.order import find_version, ordered


def runtime(version: str, build: str = "") -> Runtime:
    told = build or f"{version}-1-abc"
    return Runtime(f"id-{told}", version, told, None, "3.11")


def layer(primitive: str, precision: str = "f32", node_type: str = "Convolution") -> LayerSide:
    return LayerSide(0, "conv", node_type, primitive, precision, (), (), 1.0, ("conv",))


SHUFFLED = ("2025.10.0", "2022.1.0", "2021.4.2", "2025.9.1", "2021.4", "2026.1.0.dev20261101",
            "2026.1.0", "2021.2")  # fmt: skip


def test_versions_come_in_the_order_of_their_numbers_and_not_of_their_letters() -> None:
    assert [version.version for version in ordered(map(runtime, SHUFFLED))] == [
        "2021.2", "2021.4", "2021.4.2", "2022.1.0", "2025.9.1", "2025.10.0",
        "2026.1.0.dev20261101", "2026.1.0",
    ]  # fmt: skip


def test_two_builds_of_one_version_are_two_versions_the_older_first() -> None:
    found = ordered([runtime("2026.4.1", "2026.4.1-1000-b"), runtime("2026.4.1", "2026.4.1-999-a")])
    assert [version.build for version in found] == ["2026.4.1-999-a", "2026.4.1-1000-b"]
    assert found[0].label == "2026.4.1 (build 2026.4.1-999-a)"


def test_a_prefix_means_the_only_version_that_begins_with_it() -> None:
    versions = ordered(map(runtime, ("2021.4.2", "2022.1.0", "2022.3.2", "2021.41.0")))
    assert find_version("2021.4", versions).version == "2021.4.2"
    assert find_version("2022.1", versions).version == "2022.1.0"
    assert find_version("2022.3.2-1-abc", versions).version == "2022.3.2"


@pytest.mark.parametrize("text", ["2023.0", "2021.4.20", "22", "", "newest"])
def test_a_version_that_was_not_measured_is_refused_with_those_that_were(text: str) -> None:
    versions = ordered(map(runtime, ("2021.4.2", "2022.1.0")))
    with pytest.raises(UsageError, match=r"there is 2021\.4\.2, 2022\.1\.0"):
        find_version(text, versions)


def test_a_prefix_of_two_versions_is_refused_with_both() -> None:
    versions = ordered(map(runtime, ("2022.1.0", "2022.3.2")))
    with pytest.raises(UsageError, match=r"name one of 2022\.1\.0, 2022\.3\.2"):
        find_version("2022", versions)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (layer("jit_avx512_dw_FP32", "FP32"), layer("jit_avx512_dw_f32")),
        (layer("brgconv_avx512_1x1_BF16", "BF16"), layer("brgconv_avx512_1x1_bf16", "bf16")),
        (layer("jit_avx512_I8", "I8", "Reduce"), layer("jit_avx512_i8", "i8", "Reduce")),
        (layer("jit_avx512_FP32", "FP32", "SoftMax"), layer("jit_avx512_f32", "f32", "Softmax")),
        (layer("ref_any_FP32", "FP32"), layer("ref_f32")),
        (layer("unknown_FP32", "FP32"), layer("jit_avx512_f32")),
    ],
)
def test_a_change_of_spelling_is_no_change_of_kernel(old: LayerSide, new: LayerSide) -> None:
    assert same_kernels([old], [new])
    assert width_of(old) == width_of(new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (layer("jit_avx512_dw_f32"), layer("brgconv_avx512_dw_f32")),
        (layer("jit_avx2_1x1_FP32"), layer("jit_avx512_1x1_FP32")),
        (layer("jit_avx512_FP32", "FP32", "Eltwise"), layer("jit_avx512_f32", "f32", "Subgraph")),
        (layer("gemm_blas_I8", "u8"), layer("brgconv_avx512_I8", "u8")),
    ],
)
def test_another_implementation_is_another_kernel(old: LayerSide, new: LayerSide) -> None:
    assert not same_kernels([old], [new])


def test_a_version_without_a_runtime_precision_is_read_from_its_kernel() -> None:
    assert precision_of(layer("jit_avx512_1x1_FP32", "")) == "f32"
    assert width_of(layer("jit_avx512_I8", "")) == "int8"
    assert spelled(layer("jit_avx512_dw_FP32", "FP32")) == "jit_avx512_dw_f32"
