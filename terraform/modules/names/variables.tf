variable "project" {
  description = "What every name starts with."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]+(-[a-z0-9]+)*$", var.project))
    error_message = "Words of lower case letters and digits, joined by '-'; the first starts with a letter and has at least two characters."
  }

  validation {
    condition     = length(setintersection(split("-", var.project), ["dev", "staging", "prod", "nonprod", "global", "cicd"])) == 0
    error_message = "No word of it can be dev, staging, prod, nonprod, global or cicd: the names of a project acme-dev would be taken for those of environment dev of a project acme."
  }

  validation {
    condition     = !startswith("${var.project}-", "sthree-") && !startswith("${var.project}-", "amzn-s3-demo-")
    error_message = "AWS reserves names of buckets that start with sthree- or amzn-s3-demo-."
  }
}
