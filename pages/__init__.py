"""The pages of the app; each reads choices, calls one function and shows the result."""
