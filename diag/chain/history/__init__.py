"""Pure functions about the history of one account: what of it is complete, which pages to request."""
