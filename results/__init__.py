"""What a result is, where it lives, how two are compared, what the difference means.

Knows neither OpenVINO nor Streamlit nor Plotly: a comparison runs without them.
"""
