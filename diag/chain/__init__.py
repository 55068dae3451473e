"""The only door to the network: everything that asks a node lives here."""
