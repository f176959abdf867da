"""What one more label buys: closed-form adaptation at every number of labelled films."""
