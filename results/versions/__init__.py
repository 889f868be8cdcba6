"""OpenVINO versions side by side: what changed between two, the triage, the series."""
