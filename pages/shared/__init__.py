"""What the pages share: the list of pages, caches, choices, notices."""
