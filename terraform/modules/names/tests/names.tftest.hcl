variables {
  project = "acme-orders"
}

run "fits" {
  command = plan

  assert {
    condition     = output.max_length == 13 && output.project == "acme-orders"
    error_message = "The state bucket's prefix leaves 13 characters."
  }
}

run "too_long" {
  command = plan

  variables {
    project = "acme-orders-eu"
  }

  expect_failures = [output.project]
}

run "environment_in_the_name" {
  command = plan

  variables {
    project = "acme-dev"
  }

  expect_failures = [var.project]
}

run "upper_case" {
  command = plan

  variables {
    project = "DOFS"
  }

  expect_failures = [var.project]
}
