"""What can be asked of an embedding space and its map: colours, selections, neighbours, suspects, prompts."""
