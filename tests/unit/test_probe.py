"""What a probe really does: pins itself, counts only the steady window, uses the cache."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from collector.answers import ProbeFailure, ProfileAnswer, StartupAnswer
from collector.devices import ignored_cap
from collector.launcher import Launcher, ProbeRequest
from collector.probe import conversation, engine, measuring
from collector.probe.openvino_api import set_batch
from tests.e2e.tiny import tiny_network
from tests.unit.fake_probe import running_probes

PROBE = Path(measuring.__file__).parent


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_network(tmp_path_factory.mktemp("probe") / "tiny.xml")


def _request(tiny: Path, **options: object) -> ProbeRequest:
    known: dict[str, Any] = {"warmup_max_s": 0.3, "slice_s": 0.05}
    known.update(options)
    known.setdefault("action", "timing")
    config = (("NUM_STREAMS", "1"),)
    return ProbeRequest(device="CPU", model_path=str(tiny), config=config, **known)


@pytest.mark.parametrize("path", sorted(PROBE.glob("*.py")), ids=lambda path: path.name)
def test_the_probe_keeps_to_python_3_7_with_numpy_alone(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 7))
    assert "from __future__ import annotations" in path.read_text("utf-8")
    imported = set(_imported(tree))
    own = {name for name in imported if name.startswith("collector.probe")}
    assert {name.split(".")[0] for name in imported - own} <= sys.stdlib_module_names | {"numpy"}


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module or ""


def test_the_probe_starts_anywhere_and_its_files_hide_no_others(tmp_path: Path) -> None:
    code = """
        import runpy, sys
        sys.argv, sys.path[0] = [sys.argv[1]], sys.argv[1].rsplit("/", 1)[0]
        sys.modules["numpy"] = None
        try:
            runpy.run_path(sys.argv[0], run_name="__main__")
        except ImportError as error:
            print(error, sys.path[0])
    """
    done = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(code), str(PROBE / "__main__.py")],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "numpy" in done.stdout  # it came as far as the first module that is not its own
    assert done.stdout.strip().endswith(f" {PROBE.parents[1]}")


def test_a_pinned_launch_computes_on_its_cpus_alone_and_starts_nothing_beside(tiny: Path) -> None:
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system cannot pin")
    cpu = max(os.sched_getaffinity(0))
    with Launcher(timeout_s=60.0).start(_request(tiny, pinned_cpus=(cpu,))) as process:
        steps = [(None, "ready"), ("go", "warm"), ("slice 0.05", "slice")]
        for command, event in steps:
            if command:
                process.send(command)
            assert not isinstance(process.expect(event), ProbeFailure)
        (pid,) = running_probes()
        threads = [thread.id for thread in psutil.Process(pid).threads()]
        assert all(os.sched_getaffinity(thread) == {cpu} for thread in threads)
        process.send("end")
        answer = process.expect("done")
    assert not isinstance(answer, ProbeFailure)
    assert len(answer["slice_ms"]) == 1


def test_a_cap_reaches_the_kernels(tiny: Path) -> None:
    answer = Launcher(isa_cap="SSE41", timeout_s=60.0).profile(_request(tiny))
    assert isinstance(answer, ProfileAnswer)
    primitives = [node.primitive for node in answer.nodes]
    assert any("sse4" in primitive or "ref" in primitive for primitive in primitives)
    assert not ignored_cap("SSE41", [p for p in primitives if "brgemm" not in p])


def test_a_profile_says_it_is_warm_before_it_is_told_to_measure(tiny: Path) -> None:
    request = _request(tiny, action="profile")
    with Launcher(timeout_s=60.0).start(request) as process:
        assert "event" in _said(process.expect("ready"))
        process.send("go")
        warm = _said(process.expect("warm"))
        assert warm["expected_ms"] > 0
        assert warm["requests"] == 1
        process.send("slice 0.05")
        _said(process.expect("slice"))
        process.send("end")
        answer = _said(process.expect("done"))
    assert len(answer["slice_ms"]) == 1
    (first_count, _), (second_count, _) = answer["counters"]
    assert second_count - first_count > len(answer["samples_ms"])


def _said(answer: dict[str, Any] | ProbeFailure) -> dict[str, Any]:
    assert not isinstance(answer, ProbeFailure)
    return answer


def test_a_second_startup_is_compiled_from_the_cache(tiny: Path, tmp_path: Path) -> None:
    request = _request(tiny, cache_dir=str(tmp_path / "cache"))
    first, second = (Launcher(timeout_s=60.0).startup(request) for _ in range(2))
    assert isinstance(first, StartupAnswer)
    assert isinstance(second, StartupAnswer)
    assert (first.from_cache, second.from_cache) == (False, True)
    assert second.compile_ms > 0


def test_a_batch_reshapes_the_model_and_counts_its_items(tiny: Path) -> None:
    answer = Launcher(timeout_s=60.0).profile(_request(tiny, batch=4, items=4))
    assert isinstance(answer, ProfileAnswer)
    assert any(shape.startswith("[4,") for node in answer.nodes for shape in node.shapes)
    assert answer.launch.items == 4 * len(answer.launch.samples_ms)


def test_set_batch_changes_the_first_axis_of_every_input() -> None:
    reshaped: list[dict[int, list[int]]] = []
    model = SimpleNamespace(inputs=[_port(1, 3, 8, 8), _port(1, 5)], reshape=reshaped.append)
    set_batch(model, 6)
    assert reshaped == [{0: [6, 3, 8, 8], 1: [6, 5]}]


def _port(*shape: int) -> SimpleNamespace:
    axes = [SimpleNamespace(get_length=lambda size=size: size) for size in shape]
    return SimpleNamespace(get_partial_shape=lambda: axes)


class Clock:
    """Time that only passes where somebody waits."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The probe's clock, in the hands of a test."""
    made = Clock()
    monkeypatch.setattr(measuring, "time", SimpleNamespace(perf_counter=made))
    return made


class FakeQueue:
    """Requests that run side by side: the first of each takes ``ramp_s``, then ``service_s``.

    ``apart``: they come back one after the other, not all at once.
    """

    def __init__(
        self, clock: Clock, size: int, service_s: float, ramp_s: float, *, apart: bool = True
    ) -> None:
        self.clock, self.service_s, self.ramp_s, self.apart = clock, service_s, ramp_s, apart
        self.ends_s: list[float | None] = [None] * size
        self.latency_ms = [0.0] * size
        self.idle = 0
        self.started = 0

    def __len__(self) -> int:
        return len(self.ends_s)

    def __getitem__(self, place: int) -> SimpleNamespace:
        return SimpleNamespace(latency=self.latency_ms[place])

    def get_idle_request_id(self) -> int:
        never = [place for place, end in enumerate(self.ends_s) if end is None]
        ends = [(end, place) for place, end in enumerate(self.ends_s) if end is not None]
        self.idle = never[0] if never else min(ends)[1]
        if not never:
            self.clock.now_s = max(self.clock.now_s, min(ends)[0])
        return self.idle

    def start_async(self) -> None:
        place, self.started = self.idle, self.started + 1
        took_s = self.ramp_s if self.ends_s[place] is None else self.service_s
        first = self.ends_s[place] is None
        apart_s = self.service_s * place / len(self) if first and self.apart else 0.0
        self.ends_s[place] = self.clock.now_s + took_s + apart_s
        self.latency_ms[place] = took_s * 1e3

    def wait_all(self) -> None:
        self.clock.now_s += 5.0


def _async_session(queue: FakeQueue) -> measuring.Session:
    session = measuring.Session.__new__(measuring.Session)
    session.network = engine.Network()
    session.network.queue = queue
    session.inferences, session.inference_s = 0, 0.0
    return session


def test_throughput_counts_the_steady_window_alone(clock: Clock) -> None:
    queue = FakeQueue(clock, size=4, service_s=0.01, ramp_s=0.5)
    session = _async_session(queue)
    found = session.run(1.0, 3)
    assert found.items / found.window_s == pytest.approx(4 / 0.01, rel=0.01)
    assert found.window_s == pytest.approx(1.0, rel=0.02)
    assert set(found.latencies_ms) == {10.0}, "an inference of the rise was counted"
    assert session.inferences == queue.started, "an inference was forgotten"
    assert session.inference_s > 5.0, "draining takes time, too"


def test_requests_that_come_back_together_are_not_miscounted(clock: Clock) -> None:
    queue = FakeQueue(clock, size=4, service_s=0.08, ramp_s=0.1, apart=False)
    found = _async_session(queue).run(0.3, 1)
    assert found.items / found.window_s == pytest.approx(4 / 0.08, rel=0.001)


def test_a_throughput_window_holds_a_few_inferences_even_of_a_slow_model(clock: Clock) -> None:
    found = _async_session(FakeQueue(clock, size=2, service_s=3.0, ramp_s=3.0)).run(0.1, 3)
    assert len(found.latencies_ms) == 6  # three of each request


class FakeNetwork(engine.Network):
    """A network of 1 ms an inference that tells when its counters were read."""

    def __init__(self, clock: Clock, log: list[str]) -> None:
        super().__init__()
        self.clock, self.log, self.inferred = clock, log, 0
        self.single, self.infer = SimpleNamespace(latency=1.0), self._infer

    def _infer(self) -> None:
        self.clock.now_s += 1e-3
        self.inferred += 1

    def prepare(self, request: dict[str, Any]) -> None:
        pass

    def properties(self) -> dict[str, object]:
        return {}

    def counters(self) -> dict[str, int | None]:
        self.log.append("counters")
        return {"1": self.inferred}

    def nodes(self) -> list[dict[str, Any]]:
        return []


class FakeChannel:
    """A conversation in which the launcher's lines are known beforehand."""

    def __init__(self, log: list[str], *lines: str) -> None:
        self.log, self.lines = log, list(lines)

    def read(self) -> str:
        return self.lines.pop(0)

    def say(self, event: str, _answer: dict[str, Any]) -> None:
        self.log.append(event)


def _profile(clock: Clock, *slices: str) -> tuple[dict[str, Any], list[str]]:
    """The answer of a profile that measures these slices, and what happened in its order."""
    log: list[str] = []
    loaded = SimpleNamespace(load=lambda _request, profiled: FakeNetwork(clock, log))
    channel: Any = FakeChannel(log, "go", *slices, "end")
    request = WARM_UP | {"rewarm_s": 0.005, "slice_min_iterations": 3,
                         "watched_cpus": [], "cpu_stat_files": []}  # fmt: skip
    openvino: Any = loaded
    return conversation.profile(openvino, request, channel), log


def test_a_profile_reads_its_counters_after_the_warm_up_and_at_the_end_alone(clock: Clock) -> None:
    _, log = _profile(clock, "slice 0.1", "slice 0.1")
    compiled = ["ready", "counters", "counters"]  # when it is compiled, and after one inference
    assert log == [*compiled, "counters", "warm", "slice", "slice", "counters"]


def test_the_inferences_before_each_slice_count_between_the_readings_and_are_no_samples(
    clock: Clock,
) -> None:
    answer, _ = _profile(clock, "slice 0.1", "slice 0.1", "slice 0.1")
    (first_count, first), (second_count, second) = answer["counters"]
    assert first == {"1": first_count}
    assert second == {"1": second_count}
    measured = len(answer["samples_ms"])
    assert measured == pytest.approx(300, abs=3)
    assert second_count - first_count - measured == pytest.approx(3 * 5, abs=3)
    assert answer["slice_ms"] == [1.0] * 3


class FakeSession:
    """Says that each window's headline is the next of some."""

    is_async = False

    def __init__(self, clock: Clock, headlines_ms: Iterator[float]) -> None:
        self.clock, self.headlines_ms, self.inferences = clock, headlines_ms, 0

    def run(self, seconds: float, at_least: int) -> measuring.Slice:
        self.clock.now_s += seconds
        self.inferences += at_least
        return measuring.Slice([next(self.headlines_ms)] * at_least, at_least, seconds)


WARM_UP = {
    "warmup_max_s": 1.0, "warmup_window_s": 0.1, "warmup_min_iterations": 5,
    "warmup_tolerance": 0.02, "items": 1,
}  # fmt: skip


def _warm_up(clock: Clock, headline_ms: Callable[[int], float]) -> tuple[int, bool, float]:
    session: Any = FakeSession(clock, map(headline_ms, range(1000)))
    return measuring.warm_up(session, WARM_UP)


def test_a_slow_model_too_gets_two_windows(clock: Clock) -> None:
    session: Any = FakeSession(clock, map(float, [5, 5, 5]))
    slow = WARM_UP | {"warmup_window_s": 9.0}
    assert measuring.warm_up(session, slow) == (10, True, 5.0)


def test_a_warm_up_ends_when_two_windows_agree(clock: Clock) -> None:
    assert _warm_up(clock, lambda window: [9.0, 5.0, 4.0, 3.99][window]) == (20, True, 3.99)


def test_a_warm_up_that_never_settles_ends_at_its_cap(clock: Clock) -> None:
    iterations, settled, _ = _warm_up(clock, lambda window: 1.0 + window % 2)
    assert not settled
    assert clock.now_s == pytest.approx(101.0, abs=0.11)
    assert iterations == pytest.approx(50, abs=5)
