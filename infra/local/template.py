"""Reads template.yaml: what it expands to on AWS, and the copy of it that the emulator is given.

The emulator does not import the OpenAPI document that SAM writes an HTTP API's routes into. So the copy carries the same
API, taken from the expanded template, as Api, Authorizer, Integration and Route resources. The code of a function is its
zip of the local profile. Alarms over several metrics are left out: the emulator refuses them, and its alarms reach nobody.
Nothing else differs: template.yaml stays the one source of truth.

`python -m infra.local.template OUT.json` writes the expanded template, for cfn-lint.
"""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from infra.local import settings

Template = dict[str, Any]
FUNCTION = "AWS::Serverless::Function"
ROUTES = "x-amazon-apigateway-integration"


def load(path: Path = settings.TEMPLATE) -> Template:
    """The template as written; short forms such as !Ref are spelled out."""
    return yaml_parse(path.read_text())


def functions(template: Template) -> dict[str, str]:
    """Logical id -> binary, of every function."""
    return {
        logical_id: resource["Metadata"]["BuildProperties"]["Binary"]
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == FUNCTION
    }


def expand(template: Template, parameters: dict[str, str] | None = None) -> Template:
    """What CloudFormation makes of the template: every SAM resource replaced by plain ones.

    Inside SAM resources the transform writes parameters' values, these or the defaults, in place of references.
    """
    source = copy.deepcopy(template)
    source["Globals"]["Function"]["CodeUri"] = "s3://any-bucket/any-key"
    session = boto3.Session(region_name=settings.REGION)
    return Translator({}, Parser(), boto_session=session).translate(source, dict(parameters or {}))


def localize(template: Template) -> Template:
    """The copy for the emulator; functions' code is `build/<binary>.zip` beside it."""
    local = copy.deepcopy(template)
    for logical_id, binary in functions(template).items():
        resource = local["Resources"][logical_id]
        resource.pop("Metadata")
        properties = resource["Properties"]
        properties["CodeUri"] = f"build/{binary}.zip"
        events = {name: event for name, event in properties.pop("Events", {}).items() if event["Type"] != "HttpApi"}
        if events:
            properties["Events"] = events
    every = local["Globals"]["Function"]
    every.pop("CodeUri")
    # in the shared group the emulator's streams do not carry the function's name; each has its own group here
    every["LoggingConfig"].pop("LogGroup")
    for logical_id, item in template["Resources"].items():
        if item["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in item["Properties"]:
            local["Resources"].pop(logical_id)
    for logical_id, expanded in expand(template, settings.PARAMETERS)["Resources"].items():
        if expanded["Type"] == "AWS::ApiGatewayV2::Api":
            local["Resources"].update(plain_api(logical_id, expanded["Properties"]["Body"]))
        elif expanded["Type"] == "AWS::ApiGatewayV2::Stage":
            local["Resources"][logical_id] = expanded
    for trigger in local["Resources"].values():
        if trigger["Type"] == "AWS::Lambda::EventSourceMapping" and "ScalingConfig" in trigger["Properties"]:
            # the emulator keeps a referenced number as text, and then cannot compare with it
            limit = trigger["Properties"]["ScalingConfig"]
            limit["MaximumConcurrency"] = int(value_of(limit["MaximumConcurrency"]))
    return local


def value_of(written: Any) -> Any:
    """The value on this machine of a property that may refer to a parameter."""
    return settings.PARAMETERS[written["Ref"]] if isinstance(written, dict) else written


def plain_api(api: str, body: Template) -> Template:
    """The API of the OpenAPI document `body`, as resources of its own."""
    resources: Template = {
        api: {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": settings.STACK,
                "ProtocolType": "HTTP",
                # in OpenAPI's spelling, which is the one that the emulator reads back
                "CorsConfiguration": body["x-amazon-apigateway-cors"],
                "Tags": {"ms-custom-id": settings.API_ID},
            },
        }
    }
    for name, scheme in body["components"]["securitySchemes"].items():
        authorizer = scheme["x-amazon-apigateway-authorizer"]
        resources[authorizer_id(name)] = resource(
            "Authorizer",
            api,
            Name=name,
            AuthorizerType="JWT",
            IdentitySource=[authorizer["identitySource"]],
            JwtConfiguration=capitalized(authorizer["jwtConfiguration"]),
        )
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            if ROUTES in operation:
                resources.update(route(api, method.upper(), path, operation))
    return resources


def route(api: str, method: str, path: str, operation: Template) -> Template:
    """One endpoint: its route, and the integration that calls its function."""
    logical_id = f"Route{method.title()}" + "".join(part.title() for part in path_words(path))
    integration = operation[ROUTES]
    signed_in = [name for scheme in operation.get("security", []) for name in scheme if name != "NONE"]
    properties: Template = {
        "RouteKey": f"{method} {path}",
        "Target": {"Fn::Sub": f"integrations/${{{logical_id}Integration}}"},
        "AuthorizationType": "JWT" if signed_in else "NONE",
    }
    if signed_in:
        properties["AuthorizerId"] = {"Ref": authorizer_id(signed_in[0])}
    return {
        f"{logical_id}Integration": resource(
            "Integration",
            api,
            IntegrationType="AWS_PROXY",
            IntegrationMethod="POST",
            IntegrationUri=integration["uri"],
            PayloadFormatVersion=integration["payloadFormatVersion"],
        ),
        logical_id: resource("Route", api, **properties),
    }


def resource(kind: str, api: str, **properties: Any) -> Template:
    """A resource of API Gateway that belongs to `api`."""
    return {"Type": f"AWS::ApiGatewayV2::{kind}", "Properties": {"ApiId": {"Ref": api}, **properties}}


def authorizer_id(name: str) -> str:
    """The logical id of the authorizer `name`."""
    return f"Authorizer{name}"


def capitalized(properties: Template) -> Template:
    """OpenAPI's names as CloudFormation writes them: allowOrigins -> AllowOrigins."""
    return {name[0].upper() + name[1:]: value for name, value in properties.items()}


def path_words(path: str) -> list[str]:
    """The words of a path, for a logical id: /api/campaigns/{id}/print -> api, campaigns, id, print."""
    words = "".join(letter if letter.isalnum() else " " for letter in path).split()
    return words or ["root"]


def main() -> None:
    """Writes the expanded template, or the local copy with `--local`."""
    made = localize(load()) if "--local" in sys.argv else expand(load())
    Path(sys.argv[1]).write_text(json.dumps(made, indent=1, default=str))


if __name__ == "__main__":
    main()
