"""The version of INT8 Lens."""

__version__ = "0.1.0"
