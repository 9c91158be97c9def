"""Labelled misbehaviour, one family a file: each declares its episodes, which are what detectors are scored against."""
