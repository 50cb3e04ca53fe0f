"""What the five functions share; in AWS it is the Lambda layer, under ``python/functions/shared``."""
