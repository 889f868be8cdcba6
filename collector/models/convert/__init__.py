"""Models of any format: found by their ending, read, converted to OpenVINO IR."""
