"""A test stage cannot spend real money, and a production stage cannot run unwatched."""

from __future__ import annotations

import re

ITSELF = {
    "StripeApiUrl": "https://api.stripe.com",
    "DataAxleApiUrl": "https://api.data-axle.com",
    "PostgridApiUrl": "https://api.postgrid.com",
}
SANDBOX = {name: "http://127.0.0.1:4270/vendor" for name in ITSELF}


def value(parts, parameters, conditions=None):
    """What CloudFormation makes of a condition with these parameters."""
    match parts:
        case {"Ref": name}:
            return parameters[name]
        case {"Condition": name}:
            return value(conditions[name], parameters, conditions)
        case {"Fn::Equals": [one, other]}:
            return value(one, parameters, conditions) == value(other, parameters, conditions)
        case {"Fn::Not": [one]}:
            return not value(one, parameters, conditions)
        case {"Fn::And": every}:
            return all(value(one, parameters, conditions) for one in every)
        case {"Fn::Or": every}:
            return any(value(one, parameters, conditions) for one in every)
        case str(text):
            return text
    raise AssertionError(f"not a condition: {parts}")


def stage(written, **given):
    """Every parameter of a stage: those given, else the defaults."""
    defaults = {name: str(item.get("Default", "")) for name, item in written.content["Parameters"].items()}
    return {**defaults, **given}


def refused(written, **given):
    """Why CloudFormation refuses a stage with these parameters."""
    parameters = stage(written, **given)
    return [
        assertion["AssertDescription"]
        for rule in written.content["Rules"].values()
        if value(rule["RuleCondition"], parameters)
        for assertion in rule["Assertions"]
        if not value(assertion["Assert"], parameters)
    ]


def takes_live_orders(written, **given):
    conditions = written.content["Conditions"]
    return value(conditions["LiveOrders"], stage(written, **given), conditions)


def test_live_orders_need_real_money_or_sandboxes_behind_both_vendors(written):
    assert not takes_live_orders(written)
    assert not takes_live_orders(written, Livemode="false")
    assert takes_live_orders(written, Livemode="true")
    assert takes_live_orders(written, **SANDBOX)
    for one in ("DataAxleApiUrl", "PostgridApiUrl"):
        # one vendor itself, the other a sandbox
        assert not takes_live_orders(written, **{**SANDBOX, one: ITSELF[one]})


def test_every_function_knows_whether_it_takes_live_orders(written):
    variables = written.content["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["LIVE_ORDERS"] == {"Fn::If": ["LiveOrders", "true", "false"]}
    assert variables["LIVEMODE"] == {"Ref": "Livemode"}


def test_a_production_stage_has_an_address_for_alarms(written):
    assert refused(written, Livemode="true") == ["With Livemode=true an AlarmEmail is required"]
    assert refused(written, Livemode="true", AlarmEmail="ops@droplab.example") == []
    assert refused(written) == []
    pattern = written.content["Parameters"]["AlarmEmail"]["AllowedPattern"]
    assert re.fullmatch(pattern, "ops@droplab.example") and re.fullmatch(pattern, "")
    assert not re.fullmatch(pattern, "ops") and not re.fullmatch(pattern, "ops@droplab example")


def test_a_production_stage_calls_the_vendors_themselves(written):
    for name, address in SANDBOX.items():
        given = {"Livemode": "true", "AlarmEmail": "ops@droplab.example", name: address}
        assert len(refused(written, **given)) == 1, name


def test_a_domain_of_its_own_needs_its_certificate(written):
    assert refused(written, ConsoleDomain="app.droplab.example") == ["ConsoleDomain needs ConsoleCertificateArn"]
    pattern = written.content["Parameters"]["ConsoleDomain"]["AllowedPattern"]
    assert re.fullmatch(pattern, "app.droplab.example") and not re.fullmatch(pattern, "https://app.droplab.example")


def test_the_stack_of_this_machine_takes_live_orders_at_its_sandboxes(written):
    from infra.local import settings

    assert refused(written, **settings.PARAMETERS) == []
    assert takes_live_orders(written, **settings.PARAMETERS)


def test_both_stages_of_samconfig_can_be_deployed(written):
    import tomllib

    from infra.local import settings

    config = tomllib.loads(settings.ROOT.joinpath("samconfig.toml").read_text())
    stacks = {}
    for name in ("default", "production"):
        overrides = config[name]["deploy"]["parameters"]["parameter_overrides"]
        given = dict(one.split("=", 1) for one in overrides)
        assert set(given) <= set(written.content["Parameters"]), name
        assert refused(written, **given) == [], name
        stacks[config[name]["global"]["parameters"]["stack_name"]] = given["Livemode"]
    # two names: two sets of secrets, tables and people
    assert sorted(stacks.values()) == ["false", "true"]
