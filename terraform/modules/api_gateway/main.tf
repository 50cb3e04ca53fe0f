# The REST API: POST /order and GET /order/{order_id}, both answered by one function, as is any other method on these two paths.
# What API Gateway answers itself is given too, so that it has the form of the function's errors.

locals {
  # ANY is every method that the path does not list: the function answers 405, with the methods that there are.
  methods = {
    create   = { resource = aws_api_gateway_resource.order.id, path = "/order", method = "POST", validated = true, closed = true }
    status   = { resource = aws_api_gateway_resource.order_id.id, path = "/order/*", method = "GET", validated = true, closed = true }
    cors     = { resource = aws_api_gateway_resource.order.id, path = "/order", method = "OPTIONS", validated = false, closed = false }
    cors_id  = { resource = aws_api_gateway_resource.order_id.id, path = "/order/*", method = "OPTIONS", validated = false, closed = false }
    other    = { resource = aws_api_gateway_resource.order.id, path = "/order", method = "ANY", validated = false, closed = true }
    other_id = { resource = aws_api_gateway_resource.order_id.id, path = "/order/*", method = "ANY", validated = false, closed = true }
  }

  # A route that does not exist. Where callers sign, API Gateway answers an unsigned request with the same type, and does not tell the
  # two apart: both are refused then.
  refused           = var.authorization == "NONE" ? {} : { for type, response in var.gateway_responses : "MISSING_AUTHENTICATION_TOKEN" => response if type == "ACCESS_DENIED" }
  gateway_responses = merge(var.gateway_responses, local.refused)
}

resource "aws_api_gateway_rest_api" "this" {
  name        = "${var.name_prefix}-api"
  description = "Places orders and tells their status."

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_resource" "order" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = "order"
}

resource "aws_api_gateway_resource" "order_id" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.order.id
  path_part   = "{order_id}"
}

resource "aws_api_gateway_model" "order" {
  rest_api_id  = aws_api_gateway_rest_api.this.id
  name         = "OrderRequest"
  description  = "Generated from the function's own model."
  content_type = "application/json"
  schema       = var.order_schema
}

resource "aws_api_gateway_request_validator" "this" {
  rest_api_id                 = aws_api_gateway_rest_api.this.id
  name                        = "body-and-parameters"
  validate_request_body       = true
  validate_request_parameters = true
}

resource "aws_api_gateway_method" "this" {
  for_each = local.methods

  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = each.value.resource
  http_method          = each.value.method
  authorization        = each.value.closed ? var.authorization : "NONE"
  request_validator_id = each.value.validated ? aws_api_gateway_request_validator.this.id : null
  request_models       = each.key == "create" ? { "application/json" = aws_api_gateway_model.order.name } : null
  request_parameters   = each.key == "status" ? { "method.request.path.order_id" = true } : null
}

resource "aws_api_gateway_integration" "this" {
  for_each = local.methods

  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = each.value.resource
  http_method             = aws_api_gateway_method.this[each.key].http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = var.function.invoke_arn
}

resource "aws_lambda_permission" "api" {
  for_each = local.methods

  statement_id  = "api-${replace(each.key, "_", "-")}"
  action        = "lambda:InvokeFunction"
  function_name = var.function.name
  qualifier     = var.function.alias
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/${var.stage_name}/${each.value.method == "ANY" ? "*" : each.value.method}${each.value.path}"
}

resource "aws_api_gateway_gateway_response" "this" {
  for_each = local.gateway_responses

  rest_api_id         = aws_api_gateway_rest_api.this.id
  response_type       = each.key
  status_code         = each.value.statusCode
  response_templates  = each.value.responseTemplates
  response_parameters = merge(each.value.responseParameters, { "gatewayresponse.header.Access-Control-Allow-Origin" = "'${var.allowed_origin}'" })
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  # A deployment is a snapshot; whatever it holds makes a new one.
  triggers = {
    content = sha1(jsonencode([
      aws_api_gateway_resource.order,
      aws_api_gateway_resource.order_id,
      aws_api_gateway_model.order,
      aws_api_gateway_request_validator.this,
      aws_api_gateway_method.this,
      aws_api_gateway_integration.this,
      aws_api_gateway_gateway_response.this,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }
}

# API Gateway writes its own log of errors to a group of this name. Without the group here it makes one that never expires.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
resource "aws_cloudwatch_log_group" "execution" {
  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this.id}/${var.stage_name}"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${var.name_prefix}-api"
  retention_in_days = var.log_retention_days
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = var.stage_name
  xray_tracing_enabled = true

  # The caller's address is personal data; the log has nothing else of a caller: no user, no body, and the path without the order's id.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      timestamp  = "$context.requestTime"
      request_id = "$context.requestId"
      method     = "$context.httpMethod"
      path       = "$context.resourcePath"
      status     = "$context.status"
      latency_ms = "$context.responseLatency"
      source_ip  = "$context.identity.sourceIp"
      error      = "$context.error.responseType"
    })
  }

  # The group has to be there before API Gateway has something to write.
  depends_on = [aws_cloudwatch_log_group.execution]
}

resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false # it would log orders
    throttling_rate_limit  = var.throttling.requests_per_second
    throttling_burst_limit = var.throttling.burst
  }
}
