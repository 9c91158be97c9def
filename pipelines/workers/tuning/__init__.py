"""The search for good settings: trials of equal budgets, judged in markets of their own."""
