"""The collector: converts, quantises and measures models, and writes facts.

It knows OpenVINO and NNCF, imports ``results`` for what a fact is, and draws no
conclusions: comparing and explaining live in ``results``.
"""
