"""The market world: symbols, agents, accounts, and the loop that moves them."""
