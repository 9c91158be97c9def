"""Records of trainings for people to compare: what was asked for, what was measured, where it comes from.

record says what keeping a record means, the other modules keep it in one format each, chosen picks them by name.
"""
