"""Models in: read, convert, quantise, judge their accuracy, keep what was made."""
