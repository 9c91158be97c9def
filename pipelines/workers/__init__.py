"""Worker processes: run worlds, publish or write down what happens, survive being killed, and prove afterwards that nothing is missing.

Read in this order: registry (what a run is), job (what a worker is told), play (one world from start to end), publish and
restart (worlds onto Kafka, exactly once), checkpoint, supervise (the parent), progress (what it shows), reconcile (`agora verify`).
"""
