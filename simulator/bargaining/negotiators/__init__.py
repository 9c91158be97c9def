"""Scripted negotiators, one family a file."""
