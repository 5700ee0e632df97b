"""Where things are and what they are called on the local stack. Constants only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOCAL = ROOT / ".local"
LOGS = LOCAL / "logs"
BUILD = LOCAL / "build"
TARGET = ROOT / "target" / "local"
TOOLS = LOCAL / "venv" / "bin"
EMULATOR_TOOLS = LOCAL / "venv-emulator" / "bin"
STATE_FILE = LOCAL / "stack.json"
PID_FILE = LOCAL / "stack.pid"
TEMPLATE = ROOT / "template.yaml"
LOCAL_TEMPLATE = LOCAL / "template.json"
# where the types of Stripe's events are listed that the webhook reads
STRIPE_EVENTS = ROOT / "shared" / "vendors" / "stripe" / "src" / "event.rs"


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise SystemExit(f"{name} is {text!r}; a port is a number up to 65535")
    return int(text)


HOST = "127.0.0.1"
EMULATOR_PORT = _port("EMULATOR_PORT", 4566)
SANDBOX_PORT = _port("SANDBOX_PORT", 4270)
EMULATOR_URL = f"http://{HOST}:{EMULATOR_PORT}"
SANDBOX_URL = f"http://{HOST}:{SANDBOX_PORT}"

REGION = "us-east-1"
STACK = "droplab-local"
ARTIFACTS_BUCKET = "droplab-local-artifacts"

# The emulator takes the API's id from a tag, so that its address is known before the deploy and the same every time.
API_ID = "d201ab00"
# Two addresses of one API: browsers resolve *.localhost to loopback by themselves; most other clients do not.
CONSOLE_URL = f"http://{API_ID}.execute-api.localhost:{EMULATOR_PORT}"
API_URL = f"{EMULATOR_URL}/_aws/execute-api/{API_ID}/$default"

# The emulator verifies presigned requests with the secret key `test` alone.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}

WEBHOOK_SECRET = "whsec_droplab_local"
# What the sandbox accepts (tests/sandbox/README.md); the stack's name says whose they are
SECRETS = {
    f"{STACK}/stripe": {"secretKey": "sk_test_droplab_local", "webhookSecrets": [WEBHOOK_SECRET]},
    f"{STACK}/data-axle": {"liveToken": "data_axle_live_local", "testToken": "data_axle_test_local"},
    f"{STACK}/postgrid": {"liveKey": "live_sk_droplab_local", "testKey": "test_sk_droplab_local"},
}

# Everything that this machine does differently from AWS is a parameter of the template.
PARAMETERS = {
    "StripeApiUrl": f"{SANDBOX_URL}/stripe",
    "DataAxleApiUrl": f"{SANDBOX_URL}/data-axle",
    "PostgridApiUrl": f"{SANDBOX_URL}/postgrid",
    "PostgridRatePerSecond": "500",
    "PrintWorkers": "4",
    "AllowedOrigin": "http://localhost:5173",
    "AppUrl": CONSOLE_URL,
    "CognitoUrl": EMULATOR_URL,
    "UploadUrl": EMULATOR_URL,
    "Livemode": "false",
    "DeletionProtection": "false",
    # the demo's finance has no authenticator app, and the emulator's account has ten executions at a time
    "FinanceMfa": "false",
    "ReserveConcurrency": "false",
}

PASSWORD = "DropLab-local-1"


@dataclass(frozen=True)
class User:
    """A demo sign-in; everyone's password is PASSWORD."""

    email: str
    organization_id: str
    organization_name: str
    role: str


USERS = [
    User("owner@alder.example", "org_alder", "Alder Realty", "owner"),
    User("member@alder.example", "org_alder", "Alder Realty", "member"),
    User("owner@birch.example", "org_birch", "Birch Dental", "owner"),
    User("owner@cedar.example", "org_cedar", "Cedar Outfitters", "owner"),
    User("finance@droplab.example", "org_droplab", "DropLab", "finance"),
]
