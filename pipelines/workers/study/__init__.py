"""Many trainings at once: the seeds and grid points of a study as tasks of one thread each."""
