"""What the chain and the gateways' own lists show of a gateway."""
