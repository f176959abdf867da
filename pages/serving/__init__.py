"""One app, many who look: turns at its models, what it tells of its load, and several processes behind one address."""
