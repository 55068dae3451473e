"""What is missing from a complaint, and how to ask for it."""
