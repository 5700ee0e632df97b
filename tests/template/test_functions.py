"""One function per folder of functions/, each a real binary of the custom runtime."""

from __future__ import annotations

import json

from infra.local import settings, template

# how the vendors' keys begin
SECRETS = ("sk_test", "sk_live", "whsec_", "live_sk", "test_sk")


def test_every_crate_of_functions_is_deployed_and_nothing_else(written):
    folders = {folder.name for folder in (settings.ROOT / "functions").iterdir() if (folder / "Cargo.toml").exists()}
    assert sorted(template.functions(written.content).values()) == sorted(folders)


def test_every_function_gets_the_variables_without_which_it_does_not_start(written):
    # tests/suite/tests/start.rs holds the functions to this list
    required = json.loads((settings.ROOT / "tests/suite/required_variables.json").read_text(encoding="utf-8"))
    common = written.content["Globals"]["Function"]["Environment"]["Variables"]
    for name, folder in template.functions(written.content).items():
        own = written.all[name]["Properties"].get("Environment", {}).get("Variables", {})
        assert set(required[folder]) <= {*common, *own}, folder


# Cognito's trigger: ten lines that stand in the template itself
INLINE = {"SignInClaims"}


def test_every_function_is_a_bootstrap_that_logs_json(expanded):
    for name, function in expanded.of("AWS::Lambda::Function").items():
        if name not in INLINE:
            assert (function["Runtime"], function["Handler"]) == ("provided.al2023", "bootstrap"), name
        assert function["Architectures"] == ["x86_64"], name
        assert function["LoggingConfig"]["LogFormat"] == "JSON", name


def test_http_functions_answer_before_the_api_gives_up(expanded, written):
    for name, function in expanded.of("AWS::Lambda::Function").items():
        events = written.all[name]["Properties"].get("Events", {}).values()
        answers_http = any(event["Type"] == "HttpApi" for event in events)
        # who buys contacts gets all the time there is: a scan that is handed over may die while it waits;
        # an auto top-up is one charge
        # Cognito waits 5 s for its trigger
        worker = {"ContactFetcher": 900, "AutoTopUp": 120, "SignInClaims": 5}.get(name, 300)
        assert function["Timeout"] == (29 if answers_http else worker), name


def test_no_secret_stands_in_the_template(written):
    text = json.dumps(written.content).lower()
    assert not [word for word in SECRETS if word in text]
