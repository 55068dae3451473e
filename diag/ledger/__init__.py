"""A recorded chain that answers calls like a node."""
