"""The pages that show results: Streamlit and Plotly live here alone.

What a result means is decided in ``results``; nothing here measures or computes.
"""
