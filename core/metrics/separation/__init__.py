"""How far classes lie apart in an embedding space: distances, spread, nulls, intervals."""
