"""Reads gateways: the histories of their accounts, and the coin lists that they publish."""
