"""The emulator: its process, what must be there before a deploy, and the deploy itself by the SAM CLI."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import boto3
from botocore.config import Config

from infra.local import settings, template
from infra.local.processes import Child, relative, tail

# What template.yaml and its deploy use; the emulator starts nothing else.
SERVICES = (
    "apigateway,cloudformation,cloudwatch,cognito-idp,dynamodb,events,iam,lambda,logs,s3,scheduler,secretsmanager,"
    "sns,sqs,sts"
)


class DeployFailed(Exception):
    """The SAM CLI refused; the message has the end of its log."""


def start() -> Child:
    """Starts the emulator on loopback. Functions get its environment and no more of this machine's."""
    temporary = settings.LOCAL / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    environment = {
        **settings.CREDENTIALS,
        "PATH": os.environ["PATH"],
        "HOME": str(settings.LOCAL),
        "TMPDIR": str(temporary),
        "BIND_HOST": settings.HOST,
        "GATEWAY_PORT": str(settings.EMULATOR_PORT),
        # without this it opens an MQTT port on every interface
        "IOT_MTLS_ENABLED": "0",
        # it hands this to every function, so that their SDK clients come back to it
        "AWS_ENDPOINT_URL": settings.EMULATOR_URL,
        "SERVICES": SERVICES,
        # on AWS the template's LoggingConfig sets this for a function
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
    }
    child = Child("emulator", [settings.EMULATOR_TOOLS / "ministack"], environment)
    child.wait_until_it_answers(settings.EMULATOR_URL)
    return child


def client(service: str) -> Any:
    """A boto3 client of the emulator."""
    return boto3.client(
        service,
        endpoint_url=settings.EMULATOR_URL,
        region_name=settings.REGION,
        aws_access_key_id=settings.CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 3}, read_timeout=30),
    )


def prepare() -> None:
    """The vendors' keys and a bucket for the functions' code: on AWS, too, these are there before the stack."""
    secrets = client("secretsmanager")
    for name, content in settings.SECRETS.items():
        secrets.create_secret(Name=name, SecretString=json.dumps(content))
    client("s3").create_bucket(Bucket=settings.ARTIFACTS_BUCKET)


def deploy() -> dict[str, str]:
    """Deploys the local copy of template.yaml; answers the stack's outputs."""
    local_template = template.localize(template.load())
    settings.LOCAL_TEMPLATE.write_text(json.dumps(local_template, indent=1, default=str))
    log = settings.LOGS / "deploy.log"
    overrides = [f"{name}={value}" for name, value in settings.PARAMETERS.items()]
    command = [
        settings.TOOLS / "sam", "deploy",
        "--template-file", settings.LOCAL_TEMPLATE,
        "--stack-name", settings.STACK,
        "--s3-bucket", settings.ARTIFACTS_BUCKET,
        "--region", settings.REGION,
        "--capabilities", "CAPABILITY_IAM",
        "--no-confirm-changeset", "--no-progressbar", "--disable-rollback",
        "--parameter-overrides", *overrides,
    ]  # fmt: skip
    with log.open("wb") as output:
        done = subprocess.run(command, cwd=settings.LOCAL, env=_sam_environment(), stdout=output, stderr=output)
    if done.returncode != 0:
        raise DeployFailed(f"sam deploy failed (its log is {relative(log)})\n{tail(log, 25)}")
    stack = client("cloudformation").describe_stacks(StackName=settings.STACK)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def _sam_environment() -> dict[str, str]:
    """Nothing of this person's own AWS settings: a deploy to a real account from here must not be possible."""
    return {
        **settings.CREDENTIALS,
        "PATH": f"{settings.TOOLS}:{os.environ['PATH']}",
        "HOME": str(settings.LOCAL),
        "AWS_ENDPOINT_URL": settings.EMULATOR_URL,
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.5",
    }
