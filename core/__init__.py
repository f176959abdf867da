"""The study of a vision-language model on chest films: data, models, settings, metrics, figures.

Importable and testable with no Streamlit, no GPU and no network.
"""
