"""A recorded chain that answers like a node."""
