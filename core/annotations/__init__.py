"""What readers drew on films."""
