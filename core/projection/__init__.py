"""Embeddings laid out in a plane or in space: UMAP and others, new films, maps of a finished study."""
