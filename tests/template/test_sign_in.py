"""Who may sign in, and that no route forgets to ask."""

from __future__ import annotations

# The static page, and the one route whose caller is known by a signature. A new name here is a decision.
WITHOUT_TOKEN = {
    "POST /api/stripe/webhook",
    "GET /",
    "GET /settings",
    "GET /audience",
    "GET /campaigns/{id}",
    "GET /admin/billing",
    "GET /admin/vendor-costs",
    "GET /assets/{file}",
    "GET /config.json",
}


def routes(expanded):
    """`METHOD /path` -> its OpenAPI operation, as API Gateway gets it."""
    (api,) = expanded.of("AWS::ApiGatewayV2::Api").values()
    return {
        f"{method.upper()} {path}": operation
        for path, methods in api["Body"]["paths"].items()
        for method, operation in methods.items()
        if "x-amazon-apigateway-integration" in operation
    }


def schema(written):
    (pool,) = written.of("AWS::Cognito::UserPool").values()
    return {attribute["Name"]: attribute for attribute in pool["Schema"]}


def test_only_administrators_create_users(written):
    (pool,) = written.of("AWS::Cognito::UserPool").values()
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True


def test_the_organization_of_a_user_is_immutable(written):
    assert schema(written)["organization_id"]["Mutable"] is False


def test_no_user_can_write_organization_or_role_with_their_own_token(written):
    for client in written.of("AWS::Cognito::UserPoolClient").values():
        # a client without the list may write every attribute
        assert set(client["WriteAttributes"]) == {"name"}
        assert {"custom:organization_id", "custom:role"} <= set(client["ReadAttributes"])
        assert client["GenerateSecret"] is False


def test_tokens_last_sixty_minutes_and_no_flow_leaks_who_exists(written):
    (client,) = written.of("AWS::Cognito::UserPoolClient").values()
    assert (client["IdTokenValidity"], client["TokenValidityUnits"]["IdToken"]) == (60, "minutes")
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert set(client["ExplicitAuthFlows"]) == {"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}


def test_every_route_asks_for_a_token_but_the_webhook_and_the_page(expanded):
    open_routes = {key for key, operation in routes(expanded).items() if operation["security"] != [{"SignIn": []}]}
    assert open_routes == WITHOUT_TOKEN


def test_another_origin_may_use_every_method_that_a_route_with_a_token_has(written, expanded):
    (api,) = written.of("AWS::Serverless::HttpApi").values()
    methods = {key.split()[0] for key in routes(expanded) if key not in WITHOUT_TOKEN}
    assert set(api["CorsConfiguration"]["AllowMethods"]) == methods
    assert api["CorsConfiguration"]["AllowOrigins"] == [{"Ref": "AllowedOrigin"}]


def test_the_authorizer_checks_issuer_and_audience(expanded):
    (api,) = expanded.of("AWS::ApiGatewayV2::Api").values()
    authorizer = api["Body"]["components"]["securitySchemes"]["SignIn"]["x-amazon-apigateway-authorizer"]
    assert authorizer["type"] == "jwt"
    assert authorizer["identitySource"] == "$request.header.Authorization"
    own_pool, own, outside = authorizer["jwtConfiguration"]["issuer"]["Fn::If"]
    assert (own_pool, outside) == ("OwnUserPool", {"Ref": "TokenIssuer"})
    assert own == {"Fn::Sub": "https://cognito-idp.${AWS::Region}.amazonaws.com/${UserPool}"}
    (audience,) = authorizer["jwtConfiguration"]["audience"]
    assert audience["Fn::If"] == ["OwnUserPool", {"Ref": "UserPoolClient"}, {"Ref": "TokenAudience"}]


def test_the_local_copy_has_the_same_routes_with_the_same_authorizer(written, expanded):
    from infra.local import template

    local = template.localize(written.content)["Resources"]
    copied = {
        item["Properties"]["RouteKey"]: item["Properties"]["AuthorizationType"]
        for item in local.values()
        if item["Type"] == "AWS::ApiGatewayV2::Route"
    }
    assert copied == {key: "NONE" if key in WITHOUT_TOKEN else "JWT" for key in routes(expanded)}
