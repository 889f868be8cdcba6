"""Samples for a model: read from images, arrays or a function, laid out as its inputs want."""
