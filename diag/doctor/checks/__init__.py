"""The checks of `diag doctor`: pure functions from a snapshot to results."""
