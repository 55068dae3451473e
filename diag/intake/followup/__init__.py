"""Works out what is missing from a complaint, and how to ask for it."""
