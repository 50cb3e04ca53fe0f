mock_provider "aws" {
  mock_resource "aws_api_gateway_rest_api" {
    defaults = { execution_arn = "arn:aws:execute-api:us-east-1:123456789012:abc" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:api" }
  }
}

variables {
  name_prefix  = "dofs-test"
  function     = { name = "dofs-test-api-handler", alias = "live", invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/x/invocations" }
  order_schema = "{\"type\": \"object\"}"

  gateway_responses = {
    MISSING_AUTHENTICATION_TOKEN = { statusCode = "404", responseTemplates = { "application/json" = "{\"message\": \"Not found\"}" } }
    ACCESS_DENIED                = { statusCode = "403", responseTemplates = { "application/json" = "{\"message\": \"Forbidden\"}" } }
  }
}

run "routes" {
  assert {
    condition     = aws_api_gateway_method.this["create"].request_models["application/json"] == "OrderRequest" && aws_api_gateway_method.this["create"].request_validator_id == aws_api_gateway_request_validator.this.id
    error_message = "Bodies are checked before the function is called."
  }

  assert {
    condition     = aws_lambda_permission.api["status"].source_arn == "arn:aws:execute-api:us-east-1:123456789012:abc/v1/GET/order/*"
    error_message = "Each route may call the function, and nothing else may."
  }

  assert {
    condition     = alltrue([for response in aws_api_gateway_gateway_response.this : contains(keys(response.response_parameters), "gatewayresponse.header.Access-Control-Allow-Origin")])
    error_message = "Browsers can read what API Gateway itself answers."
  }

  assert {
    condition     = aws_api_gateway_gateway_response.this["MISSING_AUTHENTICATION_TOKEN"].status_code == "404"
    error_message = "A route that does not exist is not found."
  }
}

run "signed" {
  variables {
    authorization = "AWS_IAM"
  }

  assert {
    condition     = aws_api_gateway_method.this["create"].authorization == "AWS_IAM" && aws_api_gateway_method.this["cors"].authorization == "NONE"
    error_message = "Preflight requests are never signed."
  }

  assert {
    condition     = aws_api_gateway_gateway_response.this["MISSING_AUTHENTICATION_TOKEN"].status_code == "403"
    error_message = "A request without a signature is refused."
  }
}
