from generator import Function, Queue

dead = Queue("dead", retention_seconds=1_209_600)
jobs = Queue("jobs", retention_seconds=345_600, visibility_timeout_seconds=60)
work = Function("work", timeout_seconds=30, triggers=[jobs.trigger()])
