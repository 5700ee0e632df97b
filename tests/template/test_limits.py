"""What one route or function may take from the others, and what is on record of a request."""

from __future__ import annotations

import json

from test_sign_in import routes

# Functions that a request or a clock calls, and how many of each run at once at most
RESERVED = {
    "StripeWebhook": 50,
    "Sweeper": 5,
    "Recovery": 2,
    "PurchaseCredits": 20,
    "BillingPortal": 10,
    "RefundRequest": 5,
    "RefundDecisions": 5,
    "Quarantine": 5,
    "AudienceCount": 10,
    "AudiencePurchase": 20,
}


def reserved(written):
    found = {}
    for name, item in written.all.items():
        limit = item.get("Properties", {}).get("ReservedConcurrentExecutions")
        if limit is not None:
            condition, number, otherwise = limit["Fn::If"]
            assert (condition, otherwise) == ("Reserved", {"Ref": "AWS::NoValue"}), name
            found[name] = number
    return found


def test_the_webhook_and_the_clocks_have_concurrency_of_their_own(written):
    assert reserved(written) == RESERVED
    # with what AWS keeps unreserved (100) this is what the parameter's description asks for
    assert sum(RESERVED.values()) + 100 <= 300


def test_every_function_that_calls_a_vendor_has_a_ceiling(written):
    callers = {
        name
        for name, item in written.all.items()
        if any("_SECRET_ID" in key for key in item.get("Properties", {}).get("Environment", {}).get("Variables", {}))
    }
    triggers = {
        trigger["FunctionName"]["Ref"]: trigger["ScalingConfig"]["MaximumConcurrency"]
        for trigger in written.of("AWS::Lambda::EventSourceMapping").values()
        if "ScalingConfig" in trigger
    }
    assert callers - set(reserved(written)) - set(triggers) == set()


def test_routes_with_limits_of_their_own_are_routes_and_the_webhook_is_one(written, expanded):
    (api,) = written.of("AWS::Serverless::HttpApi").values()
    own = api["RouteSettings"]
    # API Gateway refuses a limit for a route that it does not have
    assert set(own) <= set(routes(expanded))
    everybody = api["DefaultRouteSettings"]["ThrottlingRateLimit"]
    assert own["POST /api/stripe/webhook"]["ThrottlingRateLimit"] > everybody
    assert all(limit["ThrottlingRateLimit"] < everybody for key, limit in own.items() if "webhook" not in key)
    # one organization's flood must not take the place of others' purchases: quotas in the functions bound it
    shared_by_all = {"POST /api/audience/count", "POST /api/audience/purchase", "POST /api/stripe/purchase-credits"}
    assert not shared_by_all & set(own)
    (stage,) = expanded.of("AWS::ApiGatewayV2::Stage").values()
    assert stage["RouteSettings"] == own


def test_the_access_log_says_who_asked_for_what_from_where(written):
    (api,) = written.of("AWS::Serverless::HttpApi").values()
    line = json.loads(api["AccessLogSettings"]["Format"])
    assert line == {
        "requestId": "$context.requestId",
        "time": "$context.requestTime",
        "routeKey": "$context.routeKey",
        "status": "$context.status",
        "subject": "$context.authorizer.claims.sub",
        "organization": "$context.authorizer.claims.organization",
        "sourceIp": "$context.identity.sourceIp",
        "responseLatency": "$context.responseLatency",
        "authorizerError": "$context.authorizer.error",
        "integrationError": "$context.integrationErrorMessage",
    }
    assert written.of("AWS::Logs::LogGroup")["ApiLogs"]["RetentionInDays"] == 400
