"""Built-in models: the published topologies with seeded random weights, and a trained one.

``catalogue`` lists them, ``layers`` holds the building blocks, and each network
has a module of its own; ``digits`` holds the samples of the trained one. Nothing here
measures or quantises.
"""
