from generator import Queue

dead = Queue("dead", retention_seconds=345_600)
jobs = Queue("jobs", retention_seconds=345_600, dead_letter=dead)
