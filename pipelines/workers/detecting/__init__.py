"""Detectors from simulated runs: trained on some, scored on others, with the truth beside."""
