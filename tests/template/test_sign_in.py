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
        writable = set(client["WriteAttributes"])
        assert writable == {"email", "name"}
        assert not [name for name in writable if name.startswith("custom:")]
        assert {"custom:organization_id", "custom:role"} <= set(client["ReadAttributes"])
        assert client["GenerateSecret"] is False


def test_every_client_can_write_what_the_pool_requires(written):
    required = {name for name, attribute in schema(written).items() if attribute.get("Required")}
    assert required
    for client in written.of("AWS::Cognito::UserPoolClient").values():
        # Cognito refuses to create a client that cannot
        assert required <= set(client["WriteAttributes"])


def test_a_new_address_counts_once_it_is_verified_and_a_lost_password_comes_back_by_it(written):
    (pool,) = written.of("AWS::Cognito::UserPool").values()
    assert pool["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    assert pool["AutoVerifiedAttributes"] == ["email"]
    assert pool["AccountRecoverySetting"] == {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]}


def test_people_may_set_up_a_second_factor_and_are_asked_at_every_sign_in(written):
    (pool,) = written.of("AWS::Cognito::UserPool").values()
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("OPTIONAL", ["SOFTWARE_TOKEN_MFA"])
    # a remembered device would not be asked
    assert "DeviceConfiguration" not in pool
    assert pool["LambdaConfig"]["Fn::If"][:2] == ["FinanceNeedsMfa", {"PreTokenGeneration": {"Fn::GetAtt": ["SignInClaims", "Arn"]}}]
    assert written.content["Parameters"]["FinanceMfa"]["Default"] == "true"


class Identity:
    """Cognito, as the trigger asks it."""

    def __init__(self, factors):
        self.factors = factors
        self.asked = []

    def admin_get_user(self, **person):
        self.asked.append(person)
        return {"UserMFASettingList": self.factors} if self.factors is not None else {}


def claims(written, monkeypatch, role, factors):
    """What the trigger makes of the token of a person with this role and these second factors."""
    import boto3

    identity = Identity(factors)
    monkeypatch.setattr(boto3, "client", lambda service: identity if service == "cognito-idp" else None)
    monkeypatch.setenv("ORGANIZATION_CLAIM", "custom:organization_id")
    monkeypatch.setenv("ROLE_CLAIM", "custom:role")
    scope = {}
    exec(written.of("AWS::Lambda::Function")["SignInClaims"]["Code"]["ZipFile"], scope)
    attributes = {"sub": "s-1", "custom:organization_id": "org_alder", **({"custom:role": role} if role else {})}
    event = {
        "version": "1",
        "triggerSource": "TokenGeneration_Authentication",
        "userPoolId": "us-east-1_pool",
        "userName": "person",
        "request": {"userAttributes": attributes, "groupConfiguration": {}},
        "response": {"claimsOverrideDetails": None},
    }
    override = scope["handler"](event, None)["response"]["claimsOverrideDetails"]
    assert override["claimsToAddOrOverride"] == {"organization": "org_alder"}
    return override.get("claimsToSuppress", []), identity.asked


def test_the_role_of_finance_counts_only_with_a_second_factor(written, monkeypatch):
    for factors in (None, [], ["SMS_MFA"]):
        assert claims(written, monkeypatch, "finance", factors)[0] == ["custom:role"], factors
    suppressed, asked = claims(written, monkeypatch, "finance", ["SOFTWARE_TOKEN_MFA"])
    assert suppressed == []
    assert asked == [{"UserPoolId": "us-east-1_pool", "Username": "person"}]
    for role in ("owner", None):
        assert claims(written, monkeypatch, role, None) == ([], []), role


def test_the_trigger_looks_people_up_and_no_more(written):
    (policy,) = written.of("AWS::IAM::Policy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["cognito-idp:AdminGetUser"]
    assert statement["Resource"] == {"Fn::GetAtt": ["UserPool", "Arn"]}


def test_tokens_last_sixty_minutes_and_no_flow_leaks_who_exists(written):
    (client,) = written.of("AWS::Cognito::UserPoolClient").values()
    assert (client["IdTokenValidity"], client["TokenValidityUnits"]["IdToken"]) == (60, "minutes")
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    # signing out ends the refresh token
    assert client["EnableTokenRevocation"] is True
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
