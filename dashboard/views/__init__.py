"""Page scripts and what they share; each is thin: it asks, arranges and shows."""
