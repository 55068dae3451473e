"""What the service costs, measured on this machine against what it could cost: `make bench`."""
