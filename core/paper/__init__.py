"""What arXiv 2506.14136 published, and how a study differs from it."""
