"""The claims of arXiv 2506.14136, one a file."""
