"""Other OpenVINO versions: an isolated environment for each, made, kept and found."""

from collector.runtimes.environment import RuntimeEnvironment, find, installed, runtimes_folder
from collector.runtimes.locks import held

__all__ = ["RuntimeEnvironment", "find", "held", "installed", "runtimes_folder"]
