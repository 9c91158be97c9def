"""Bargaining between a supplier and a retailer: the protocol, its exact solutions, scripted negotiators and their beliefs."""
