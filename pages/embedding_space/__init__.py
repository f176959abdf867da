"""Every film as a point: the map, what is selected on it, separation, suspects, prompts."""
