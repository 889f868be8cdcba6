"""Which package index uv asks: what is configured for uv, else for pip, or a folder alone.

uv reads its own variables and files; what pip was told, pip's variables and ``pip.conf``,
is passed on here. Starting uv lives in ``collector.runtimes.uv_tool``.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from results.errors import UsageError

_UV_INDEXES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL",
               "UV_FIND_LINKS", "UV_NO_INDEX")  # fmt: skip
_PYTHON_FOLDER = "UV_PYTHON_INSTALL_DIR"
_PIP_KEYS = ("index-url", "extra-index-url", "find-links", "cert", "timeout", "trusted-host",
             "no-index")  # fmt: skip
_UV_OF_THE_SYSTEM = Path("/etc/uv/uv.toml")
_SECTIONS = ("global", "install")  # the second counts more


@dataclass(frozen=True)
class Source:
    """Where packages come from: the environment that uv gets, and options of ``uv pip``.

    ``folder`` is the only place to look in, without any network; None: the package index.
    """

    environment: tuple[tuple[str, str], ...]
    options: tuple[str, ...] = ()
    folder: Path | None = None


def source(find_links: Path | None = None) -> Source:
    """The package index of this machine, or only a folder; UsageError where that is none."""
    if find_links is None:
        return Source(tuple((dict(os.environ) | _from_pip(os.environ, Path.home())).items()))
    if not find_links.is_dir():
        raise UsageError(
            f"--find-links {find_links} is no folder", hint="give a folder that holds the wheels"
        )
    folder = find_links.absolute()
    kept = {key: value for key, value in os.environ.items() if key not in _UV_INDEXES}
    options = ("--offline", "--no-index", "--find-links", str(folder))
    return Source(tuple(kept.items()), options, folder)


def keeping_pythons(source: Source, folder: Path) -> Source:
    """The same, with the Pythons that uv installs kept in a folder, unless uv is told where.

    uv's own place is the user's home, which an environment in a mounted store would outlive.
    """
    told = dict(source.environment)
    return replace(source, environment=tuple(({_PYTHON_FOLDER: str(folder)} | told).items()))


def _from_pip(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """uv's variables that say what pip is told; none of the index where uv was told itself."""
    told = pip_settings(environ, home)
    common = {
        "UV_HTTP_TIMEOUT": told.get("timeout", ""),
        "SSL_CERT_FILE": told.get("cert", ""),
        "UV_INSECURE_HOST": " ".join(told.get("trusted-host", "").split()),
    }
    index = {} if _uv_is_told(environ, home) else _index_variables(told)
    return {key: value for key, value in (common | index).items() if value and key not in environ}


def _uv_is_told(environ: Mapping[str, str], home: Path) -> bool:
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "uv" / "uv.toml"
    named = any(environ.get(key) for key in (*_UV_INDEXES, "UV_CONFIG_FILE"))
    return named or config.exists() or _UV_OF_THE_SYSTEM.exists()


def _index_variables(told: Mapping[str, str]) -> dict[str, str]:
    extra = [url for url in told.get("extra-index-url", "").split() if _is_there(url)]
    links = [place for place in told.get("find-links", "").split() if _is_there(place)]
    return {
        "UV_DEFAULT_INDEX": told.get("index-url", ""),
        "UV_INDEX": " ".join(extra),
        # pip takes the best of all indexes, uv only looks in the first that knows the name.
        "UV_INDEX_STRATEGY": "unsafe-best-match" if extra else "",
        "UV_FIND_LINKS": ",".join(links),
        "UV_NO_INDEX": "1" if told.get("no-index", "").lower() in {"1", "true", "yes"} else "",
    }


def pip_settings(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """What pip's files and, above them, its variables say of where packages come from."""
    found: dict[str, str] = {}
    for path in _pip_files(environ, home):
        parser = configparser.RawConfigParser()
        with suppress(OSError, configparser.Error, UnicodeDecodeError):
            parser.read(path, encoding="utf-8")
        for section in filter(parser.has_section, _SECTIONS):
            found |= {key.replace("_", "-"): value for key, value in parser.items(section)}
    found |= {
        key.removeprefix("PIP_").lower().replace("_", "-"): value
        for key, value in environ.items()
        if key.startswith("PIP_")
    }
    found.setdefault("timeout", found.get("default-timeout", ""))
    return {key: value for key, value in found.items() if key in _PIP_KEYS and value}


def _pip_files(environ: Mapping[str, str], home: Path) -> list[Path]:
    """pip's configuration files, those that count more later."""
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return []
    system = (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
    user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    return [
        *(Path(folder) / "pip" / "pip.conf" for folder in system),
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        user / "pip" / "pip.conf",
        Path(sys.prefix) / "pip.conf",
        *([Path(named)] if named else []),
    ]


def _is_there(place: str) -> bool:
    """Whether a place is on another host, or a folder that exists; pip skips one that does not."""
    parts = urlsplit(place)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path)).exists()
    return bool(parts.scheme) or Path(place).exists()
