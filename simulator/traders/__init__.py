"""Scripted strategies, one a file, each with its source."""
