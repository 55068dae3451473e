"""Sources of facts about gateways: the register, coin lists, flagged accounts."""
