"""Cases: stored questions whose diagnosis is repeated until they are resolved; changes are reported."""
