"""Maps against what readers drew, over all annotated films."""
