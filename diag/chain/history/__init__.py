"""The history of one account: what is proven of it, and which pages to ask for."""
