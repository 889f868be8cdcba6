"""Results that something else has measured: read, checked and stored as runs of their own kind."""
