"""INT8 variants: recipes, and NNCF that makes what they say."""
