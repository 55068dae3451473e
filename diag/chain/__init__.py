"""Access to BitShares nodes: the only package that uses the network to read the chain."""
