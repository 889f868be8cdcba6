"""Measures one model, once, in a process of its own. Started by ``collector.launcher``.

Standard library, numpy and whatever OpenVINO the interpreter has; nothing else of this
project is imported and the syntax is Python 3.7, so that the same files run inside the
environment of any OpenVINO from 2021.2 to today's. It draws no conclusions: it answers with
raw numbers.

``conversation`` takes the request and answers, ``measuring`` infers and takes the times;
how to ask an OpenVINO is in ``openvino_api`` (2022.1 and later) and
``inference_engine_api`` (before), behind the classes of ``engine``.
"""

from __future__ import annotations

from collector.probe.process import die_with_parent, without_statistics

__all__ = ["die_with_parent", "without_statistics"]
