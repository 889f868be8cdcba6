"""Other OpenVINO versions: an isolated environment for each, made, kept and found."""

from collector.runtimes.checking import check
from collector.runtimes.environment import RuntimeEnvironment, find, installed, runtimes_folder
from collector.runtimes.locks import held

__all__ = ["RuntimeEnvironment", "check", "find", "held", "installed", "runtimes_folder"]
