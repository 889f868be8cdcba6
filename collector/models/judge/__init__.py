"""How good a variant's answers are, whole and layer by layer; what came quantised."""
