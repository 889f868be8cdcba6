"""Built-in models: the published topologies with seeded random weights.

``catalogue`` lists them, ``layers`` holds the building blocks, and each network
has a module of its own. Nothing here measures or quantises.
"""
