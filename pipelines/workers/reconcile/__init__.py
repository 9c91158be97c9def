"""The proof behind `agora verify`: what the simulator counted and hashed before the bridge, against every store after it.

tally counts and hashes events, blocks reads Kafka and bronze by the consumer's rule, silver reads typed rows and the
quarantine, books rebuilds the order books from silver.orders, report compares and says what differs.
"""
