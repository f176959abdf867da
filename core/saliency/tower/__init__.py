"""What maps are made from: a setting's model, its layers, passes and targets."""
