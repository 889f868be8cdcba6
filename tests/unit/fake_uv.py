"""A uv that only pretends: it makes environments whose Python answers as a probe would.

``FAKE_UV_FAULT`` says what goes wrong, ``FAKE_UV_LOG`` is a file that gets its arguments.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import uv

_PYTHON = """#!{python}
import json, os, sys
build = open(os.path.join(os.path.dirname(__file__), "..", "build")).read()
sys.stdin.readline()
if build == "crash":
    sys.exit("a library is missing")
print(json.dumps(dict(event="done", version=build, python="3.11.0", full_name="a CPU",
                      capabilities=[], devices=["CPU"], missing=False, newest_opset=None)))
"""

_SCRIPT = '''#!{python}
import os, pathlib, re, sys, time
FAULT, LOG = os.environ.get("FAKE_UV_FAULT", ""), os.environ["FAKE_UV_LOG"]
THERE = ["2023.3.0", "2024.5.0", "2024.6.0", "2024.6.1", "2025.0.0"]
NO_NETWORK = """error: Request failed after 3 retries in 9.7s
  cause: Failed to fetch: `https://user:secret@index.test/simple/openvino/`
  cause: error sending request
  cause: Connection refused (os error 111)
"""
NO_SOLUTION = """error: No solution found when resolving dependencies
  cause: Because {{}}, we can conclude that your requirements are
         unsatisfiable.

hint: pages of advice
"""
DISK_FULL = """error: Failed to install: openvino.whl
  cause: failed to copy file
  cause: No space left on device (os error 28)
"""
PYTHON = """{child}"""

def numbers(text):
    return [int(part) for part in text.split(".")]

def fail(text):
    sys.stderr.write("warning: a line that nobody wants\\n" + text)
    sys.exit(2)

def wanted(requirement):
    how, text = re.fullmatch(r"openvino(==|<|>=|)(.*)", requirement).groups()
    if how == "<":
        return [one for one in THERE if numbers(one) < numbers(text)]
    if how == ">=":
        return [one for one in THERE if numbers(one) >= numbers(text)]
    return [one for one in THERE if re.match(text.replace(".*", "[.]") or ".", one)]

def compile_pins():
    if FAULT == "network":
        fail(NO_NETWORK)
    if FAULT == "missing":
        fail(NO_SOLUTION.format("numpy was not found in the provided package locations"))
    requirement, *companions = sys.stdin.read().split()
    found = wanted(requirement)
    if not found:
        fail(NO_SOLUTION.format("there is no version of " + requirement))
    print("openvino==" + found[0 if "lowest" in sys.argv else -1])
    if "--no-deps" not in sys.argv:
        print("numpy==1.26.4")

def venv():
    folder = pathlib.Path(sys.argv[-4])
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").write_text(PYTHON)
    (folder / "bin" / "python").chmod(0o755)

def install():
    if FAULT == "disk":
        fail(DISK_FULL)
    if FAULT == "slow":
        open(LOG + ".busy", "w").close()
        time.sleep(1.5)
    if FAULT == "hang":
        open(LOG + ".busy", "w").close()
        time.sleep(60)
    folder = pathlib.Path(sys.argv[sys.argv.index("--python") + 1]).parents[1]
    version = next(word for word in sys.argv if word.startswith("openvino=="))[10:]
    builds = {{"import": "crash", "other": "2023.0.0-1-abc"}}
    (folder / "build").write_text(builds.get(FAULT, version + "-1-abc"))

with open(LOG, "a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
    log.write("".join(f"{{k}}={{v}}\\n" for k, v in os.environ.items() if k.startswith("UV_")))
command = sys.argv[1:3]
if command == ["pip", "compile"]:
    compile_pins()
elif command[0] == "venv":
    venv()
elif command == ["pip", "install"]:
    install()
else:
    fail(NO_NETWORK)
'''


def install_fake_uv(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a fake uv in place of the real one; returns its log."""
    script = folder / "uv"
    child = _PYTHON.format(python=sys.executable).replace("\\", "\\\\")
    script.write_text(_SCRIPT.format(python=sys.executable, child=child))
    script.chmod(0o755)
    log = folder / "uv.log"
    log.touch()
    monkeypatch.setenv("FAKE_UV_LOG", str(log))
    monkeypatch.setattr(uv, "find_uv_bin", lambda: str(script))
    return log
