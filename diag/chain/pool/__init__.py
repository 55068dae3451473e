"""Several nodes: whom to ask, when to ask another one as well, and how each is doing."""
