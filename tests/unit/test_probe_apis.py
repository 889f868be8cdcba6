"""Each API of OpenVINO behind the probe: which is taken, how it is asked, what it tells."""

from __future__ import annotations

import sys
from collections.abc import Callable, ItemsView, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from collector.probe import engine, inference_engine_api, loading, openvino_api
from collector.probe.channel import ProbeError, attempt
from collector.probe.exec_graph import counters_of, nodes_of
from collector.probe.inference_engine_api import (
    InferenceEngine,
    RequestQueue,
    clean_build,
    newest_opset,
    old_config,
    set_batch,
)
from collector.probe.openvino_api import OpenVinoEngine, info_text, shape_text

Install = Callable[..., None]
REQUEST: dict[str, Any] = {
    "device": "CPU", "model_path": "/m/net.xml", "weights_path": "", "config": {}, "batch": None,
    "scenario": "latency", "requests": None, "seed": 0, "cache_dir": None, "isa_cap": None,
}  # fmt: skip


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts an OpenVINO of some modules in the place of the installed one."""

    def install(**modules: ModuleType) -> None:
        for name in [name for name in sys.modules if name.split(".")[0] == "openvino"]:
            monkeypatch.delitem(sys.modules, name)
        package = ModuleType("openvino")
        package.__path__ = []
        monkeypatch.setitem(sys.modules, "openvino", package)
        for name, module in modules.items():
            module.__spec__ = ModuleSpec(f"openvino.{name}", None)
            monkeypatch.setitem(sys.modules, f"openvino.{name}", module)

    return install


def _module(**members: object) -> ModuleType:
    module = ModuleType("fake")
    module.__dict__.update(members)
    return module


def test_a_2021_openvino_is_asked_through_its_inference_engine(installed: Install) -> None:
    installed(inference_engine=_module(get_version=lambda: "2021.4.2-1", IECore=object))
    assert isinstance(loading.load_engine(), InferenceEngine)


def test_a_2022_openvino_has_both_and_is_asked_through_its_runtime(installed: Install) -> None:
    old = _module(get_version=lambda: "2022.3", IECore=object)
    installed(inference_engine=old, runtime=_module(Core=object))
    assert isinstance(loading.load_engine(), OpenVinoEngine)


class FakeCore:
    """A ``Core`` that only remembers what it was asked to compile."""

    def __init__(self, capabilities: Sequence[str]) -> None:
        self.capabilities = capabilities
        self.compiled: list[dict[str, Any]] = []
        self.read: list[tuple[str, ...]] = []

    def get_property(self, device: str, name: str) -> Sequence[str]:
        assert (device, name) == ("CPU", "OPTIMIZATION_CAPABILITIES")
        return self.capabilities

    def read_model(self, *paths: str) -> str:
        self.read.append(paths)
        return "model"

    def compile_model(self, _model: str, _device: str, config: dict[str, Any]) -> str:
        self.compiled.append(config)
        return "compiled"


def _loaded(
    capabilities: Sequence[str], cap: str | None, profiled: bool = False, **request: object
) -> tuple[engine.Network, FakeCore]:
    core = FakeCore(capabilities)
    openvino = OpenVinoEngine(SimpleNamespace(Core=lambda: core))
    return openvino.load(REQUEST | {"isa_cap": cap} | request, profiled=profiled), core


@pytest.mark.parametrize("cap", ["SSE41", "AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI"])
def test_f32_is_asked_for_where_bf16_outlives_the_cap_and_it_is_told(cap: str) -> None:
    network, core = _loaded(["FP32", "BF16"], cap)
    assert core.compiled == [{"INFERENCE_PRECISION_HINT": "f32"}]
    (told,) = network.adjustments
    assert told.startswith("f32 was asked for in place of the default precision")
    assert cap in told


@pytest.mark.parametrize(
    ("capabilities", "cap", "config"),
    [
        (["FP32", "BF16"], None, {}),
        (["FP32"], "AVX2", {}),
        (["FP32", "BF16"], "AVX512_CORE_AMX", {}),
        (["FP32", "BF16"], "AVX2", {"INFERENCE_PRECISION_HINT": "bf16"}),
    ],
    ids=["no cap", "the cap is kept", "such a CPU has bf16", "a precision was asked for"],
)
def test_else_it_is_asked_as_planned(
    capabilities: list[str], cap: str | None, config: dict[str, str]
) -> None:
    network, core = _loaded(capabilities, cap, config=config)
    assert core.compiled == [config]
    assert network.adjustments == []


def test_counters_are_asked_for_as_2022_1_wants_it() -> None:
    _, core = _loaded([], None, profiled=True)
    assert core.compiled == [{"PERF_COUNT": "YES"}]


def test_the_core_lives_as_long_as_its_network() -> None:
    network, core = _loaded([], None)
    assert isinstance(network, openvino_api.OpenVinoNetwork)
    assert network.core is core


def test_weights_elsewhere_are_read_with_the_model() -> None:
    assert _loaded([], None)[1].read == [("/m/net.xml",)]
    assert _loaded([], None, weights_path="/w.bin")[1].read == [("/m/net.xml", "/w.bin")]


def test_shapes_and_infos_of_every_version_are_written_the_same() -> None:
    assert shape_text("{1,384,14,14}") == shape_text("[1,384,14,14]") == "[1,384,14,14]"
    assert info_text("f32") == info_text(SimpleNamespace(astype=lambda kind: kind("f32"))) == "f32"


def test_the_names_of_a_runtime_info_are_read_one_by_one() -> None:
    class Opaque:
        """2022.1: pairs hold opaque values, only asking for a key gives text."""

        def __init__(self, **texts: str) -> None:
            self.texts = texts

        def __getitem__(self, key: str) -> str:
            return self.texts[key]

        def items(self) -> ItemsView[str, object]:
            return {key: object() for key in self.texts}.items()

    told = Opaque(execOrder="7", layerType="Convolution", primitiveType="jit_avx2_FP32")
    node = SimpleNamespace(
        get_rt_info=lambda: told, inputs=list, outputs=list,
        get_type_name=lambda: "ExecutionNode", get_friendly_name=lambda: "conv",
    )  # fmt: skip
    graph = SimpleNamespace(get_ops=lambda: [node])
    network = openvino_api.OpenVinoNetwork.__new__(openvino_api.OpenVinoNetwork)
    network.compiled = SimpleNamespace(get_runtime_model=lambda: graph)
    (answer,) = network.nodes()
    assert (answer["order"], answer["primitive"]) == (7, "jit_avx2_FP32")


@pytest.mark.parametrize(
    ("config", "old"),
    [
        ({"NUM_STREAMS": "1"}, {"CPU_THROUGHPUT_STREAMS": "1"}),
        ({"NUM_STREAMS": "AUTO"}, {"CPU_THROUGHPUT_STREAMS": "CPU_THROUGHPUT_AUTO"}),
        ({"INFERENCE_NUM_THREADS": "4"}, {"CPU_THREADS_NUM": "4"}),
        ({"INFERENCE_PRECISION_HINT": "f32"}, {"ENFORCE_BF16": "NO"}),
        ({"INFERENCE_PRECISION_HINT": "bf16"}, {"ENFORCE_BF16": "YES"}),
        ({"PERFORMANCE_HINT": "THROUGHPUT"}, {"CPU_THROUGHPUT_STREAMS": "CPU_THROUGHPUT_AUTO"}),
        ({"PERFORMANCE_HINT": "LATENCY"}, {"CPU_THROUGHPUT_STREAMS": "1"}),
        ({"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": "2"}, {"CPU_THROUGHPUT_STREAMS": "2"}),
        ({"NUM_STREAMS": "2", "PERFORMANCE_HINT": "THROUGHPUT"}, {"CPU_THROUGHPUT_STREAMS": "2"}),
        ({"PERFORMANCE_HINT_NUM_REQUESTS": "4"}, {}),
        ({"UNKNOWN": "x"}, {"UNKNOWN": "x"}),
    ],
)
def test_properties_get_their_names_of_2021(config: dict[str, str], old: dict[str, str]) -> None:
    assert old_config(config) == old


def _adjustments(config: dict[str, str]) -> list[str]:
    core = SimpleNamespace(read_network=lambda *_: None, load_network=lambda *_: None)
    request = REQUEST | {"scenario": "throughput", "config": config}
    return _inference_engine(core).load(request, profiled=False).adjustments


def test_that_2021_has_no_hints_is_told() -> None:
    hint = {"PERFORMANCE_HINT": "THROUGHPUT"}
    plain = (
        "CPU_THROUGHPUT_STREAMS=CPU_THROUGHPUT_AUTO was asked for in place of the throughput "
        "hint, which this OpenVINO has not"
    )
    assert _adjustments(hint) == [plain]
    (bounded,) = _adjustments(hint | {"PERFORMANCE_HINT_NUM_REQUESTS": "4"})
    assert bounded == f"{plain}; the hint's number of requests, 4, did not bound the streams"


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"NUM_STREAMS": "1", "PERFORMANCE_HINT_NUM_REQUESTS": "1"},
        {"NUM_STREAMS": "2", "PERFORMANCE_HINT": "THROUGHPUT"},
        {"INFERENCE_PRECISION_HINT": "f32"},
    ],
)
def test_what_only_has_another_name_in_2021_is_no_adjustment(config: dict[str, str]) -> None:
    assert _adjustments(config) == []


def test_a_precision_that_2021_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="f32 and bf16, not in f16"):
        old_config({"INFERENCE_PRECISION_HINT": "f16"})


def _inference_engine(core: object = None) -> InferenceEngine:
    module = SimpleNamespace(get_version=lambda: "2.1.2021.2.0-1877-x", IECore=lambda: core)
    return InferenceEngine(module)


def test_a_cap_that_2021_cannot_keep_is_a_failure_and_not_a_measurement() -> None:
    with pytest.raises(ProbeError, match=r"OpenVINO 2021\.2\.0 cannot be capped to AVX2"):
        _inference_engine().load(REQUEST | {"isa_cap": "AVX2"}, profiled=False)


@pytest.mark.parametrize(
    ("request_", "loaded"),
    [
        ({}, 1),
        ({"scenario": "throughput"}, 0),
        ({"scenario": "throughput", "requests": 3}, 3),
    ],
)
def test_2021_makes_its_requests_when_it_compiles(request_: dict[str, Any], loaded: int) -> None:
    calls: list[tuple[object, ...]] = []
    core = SimpleNamespace(
        read_network=lambda *paths: paths, load_network=lambda *call: calls.append(call)
    )
    _inference_engine(core).load(REQUEST | request_, profiled=True)
    assert calls == [(("/m/net.xml", "/m/net.bin"), "CPU", {"PERF_COUNT": "YES"}, loaded)]


def test_2021s_bare_exceptions_become_a_line_and_what_was_found_out_stays() -> None:
    def fails(error: BaseException) -> None:
        raise error

    with pytest.raises(ProbeError, match="no such model") as told:
        attempt("read", fails, Exception("no such model"))
    assert told.value.stage == "read"
    with pytest.raises(ProbeError) as kept:
        attempt("compile", fails, ProbeError("reshape", "no"))
    assert kept.value.stage == "reshape"
    with pytest.raises(MemoryError):
        attempt("compile", fails, MemoryError())


def test_a_build_is_told_without_the_version_of_the_plugins() -> None:
    assert clean_build("2.1.2021.2.0-1877-176") == "2021.2.0-1877-176"
    assert clean_build("2021.4.2-3976-0943") == "2021.4.2-3976-0943"


def test_the_newest_opset_is_that_of_the_installed_ngraph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert newest_opset() is None
    for name in ("opset1", "opset5", "opset10", "opset_utils.py"):
        (tmp_path / "ngraph" / name).mkdir(parents=True)
    (tmp_path / "ngraph" / "__init__.py").write_text("import a_package_that_is_not_there")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert newest_opset() == 10


def test_a_2021_model_is_reshaped_in_every_input() -> None:
    reshaped: list[dict[str, list[int]]] = []
    inputs = {
        name: SimpleNamespace(input_data=SimpleNamespace(shape=shape))
        for name, shape in {"a": [1, 3, 8, 8], "b": [1, 5]}.items()
    }
    set_batch(SimpleNamespace(input_info=inputs, reshape=reshaped.append), 6)
    assert reshaped == [{"a": [6, 3, 8, 8], "b": [6, 5]}]


def test_the_queue_of_2021_waits_until_a_request_is_idle() -> None:
    idle, waited, started = [-1, -1, 1], [], []
    compiled = SimpleNamespace(
        get_idle_request_id=lambda: idle.pop(0), wait=lambda num_requests: waited.append(1)
    )
    requests = [SimpleNamespace(async_infer=lambda place=p: started.append(place)) for p in (0, 1)]
    queue = RequestQueue(compiled, requests)
    assert queue.get_idle_request_id() == 1
    queue.start_async()
    assert (len(waited), started, len(queue)) == (2, [1], 2)


# As 2021.4.2 writes it; the reorder of 2021.2 has no runtimePrecision.
GRAPH = """<?xml version="1.0"?>
<net name="tiny" version="10"><layers>
<layer id="0" name="input" type="Input">
 <data execOrder="9" execTimeMcs="not_executed" originalLayersNames="input"
  outputLayouts="abcd" outputPrecisions="FP32" primitiveType="unknown_FP32"
  runtimePrecision="FP32"/>
 <output><port id="0" precision="FP32"><dim>1</dim><dim>3</dim></port></output></layer>
<layer id="1" name="split" type="Split">
 <data execOrder="10" execTimeMcs="4" originalLayersNames="split"
  outputLayouts="abcd,abcd" outputPrecisions="FP32,FP32" primitiveType="unknown_FP32"
  runtimePrecision="FP32"/>
 <input><port id="0"><dim>1</dim><dim>3</dim></port></input>
 <output><port id="1"><dim>1</dim><dim>1</dim></port><port id="2"><dim>1</dim><dim>2</dim></port>
 </output></layer>
<layer id="2" name="conv" type="Convolution">
 <data execOrder="11" execTimeMcs="292" originalLayersNames="conv,conv/bias" outputLayouts="nChw16c"
  outputPrecisions="BF16" primitiveType="jit_avx512_BF16"/>
 <input><port id="0"><dim>1</dim><dim>2</dim></port><port id="1"><dim>1</dim></port></input>
 <output><port id="2"/></output></layer>
</layers><edges>
<edge from-layer="0" from-port="0" to-layer="1" to-port="0"/>
<edge from-layer="1" from-port="1" to-layer="2" to-port="1"/>
<edge from-layer="1" from-port="2" to-layer="2" to-port="0"/>
</edges></net>"""


def test_the_compiled_graph_of_2021_becomes_the_nodes_of_later_versions() -> None:
    first, _, conv = nodes_of(GRAPH)
    assert first == {
        "order": 9, "name": "input", "type": "Input", "primitive": "unknown_FP32",
        "precision": "FP32", "layouts": "abcd", "precisions": "FP32", "original_names": "input",
        "shapes": ["[1,3]"], "inputs": [],
    }  # fmt: skip
    assert conv["inputs"] == [["split", 1], ["split", 0]], "in the order of its ports"
    assert conv["shapes"] == ["[]"]


def test_2021_2_tells_the_precision_in_the_name_of_the_kernel() -> None:
    assert nodes_of(GRAPH)[2]["precision"] == "BF16"


@pytest.mark.parametrize("primitive", ["unknown", "ref_any", "jit_avx512", ""])
def test_what_is_no_precision_at_the_end_of_a_kernels_name_is_not_taken_for_one(
    primitive: str,
) -> None:
    graph = GRAPH.replace("jit_avx512_BF16", primitive)
    assert nodes_of(graph)[2]["primitive"] == primitive
    assert nodes_of(graph)[2]["precision"] == ""


def test_a_node_that_did_not_run_has_no_time_rather_than_none_at_all() -> None:
    assert counters_of(GRAPH) == {"9": None, "10": 4, "11": 292}


def test_2021_keeps_no_cache_and_does_not_say_that_it_did() -> None:
    network = inference_engine_api.InferenceEngineNetwork
    assert network.from_cache(network.__new__(network)) is None
