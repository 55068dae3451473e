"""Pure functions about the history of one account: which parts are complete, which pages to request."""
