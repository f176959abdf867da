"""Training of the small CLIP that ships: contrastive, on synthetic source films, from random weights."""
