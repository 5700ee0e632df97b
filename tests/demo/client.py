"""An HTTP client of one signed-in person: what the console does, without a browser.

Knows the API's manners (token, Idempotency-Key, problem+json, careful repetition) and nothing of what is bought.
"""

from __future__ import annotations

import base64
import json
import random
import time
from typing import Any

import requests

TIMEOUT_SECONDS = 30
ATTEMPTS = 5
RENEW_SECONDS = 60
# The gateway and the functions say with these: nothing is known to be wrong with the request, try again.
PASSING = {429, 502, 503, 504}


class Problem(Exception):
    """An answer that is not a success; `body` is its problem+json, where it has one."""

    def __init__(self, request: str, status: int, body: dict[str, Any]) -> None:
        self.status = status
        self.body = body
        self.code = str(body.get("code", ""))
        super().__init__(f"{request}: {status} {self.code} {body.get('detail') or body.get('message') or ''}".rstrip())


class Client:
    """Signs in with the first call and again before the token ends. Use one per thread."""

    def __init__(self, api_url: str, email: str, password: str) -> None:
        self.api_url = api_url.rstrip("/")
        self.email = email
        self._password = password
        self._session = requests.Session()
        self._token = ""
        self._token_ends = 0.0
        self.access_token = ""

    def sign_in(self) -> None:
        """As the console does: its configuration says where, Cognito's InitiateAuth answers the tokens."""
        config = self._session.get(f"{self.api_url}/config.json", timeout=TIMEOUT_SECONDS).json()
        response = self._session.post(
            config["cognitoUrl"],
            data=json.dumps(
                {
                    "ClientId": config["clientId"],
                    "AuthFlow": "USER_PASSWORD_AUTH",
                    "AuthParameters": {"USERNAME": self.email, "PASSWORD": self._password},
                }
            ),
            headers={
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
            },
            timeout=TIMEOUT_SECONDS,
        )
        if not response.ok:
            raise Problem(f"sign-in of {self.email}", response.status_code, _json(response))
        tokens = response.json()["AuthenticationResult"]
        self._token, self.access_token = tokens["IdToken"], tokens["AccessToken"]
        self._token_ends = float(claims(self._token)["exp"])

    def token(self) -> str:
        """An id token that is good for a minute at least."""
        if self._token_ends - time.time() < RENEW_SECONDS:
            self.sign_in()
        return self._token

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: str | None = None,
        key: str | None = None,
        headers: dict[str, str | None] | None = None,
    ) -> requests.Response:
        """One call, whatever it answers. `body` goes as JSON, `raw` as it is. A header of None is left out."""
        wanted: dict[str, str | None] = {"Authorization": f"Bearer {self.token()}", "Accept": "application/json"}
        data = json.dumps(body) if raw is None and body is not None else raw
        if data is not None:
            wanted["Content-Type"] = "application/json"
        wanted["Idempotency-Key"] = key
        wanted.update(headers or {})
        sent = {name: value for name, value in wanted.items() if value is not None}
        # A read may be repeated freely; a write only under its key, where a repetition answers the first result.
        attempts = ATTEMPTS if method == "GET" or key is not None else 1
        for attempt in range(1, attempts + 1):
            try:
                response = self._session.request(
                    method, self.api_url + path, data=data, headers=sent, timeout=TIMEOUT_SECONDS
                )
            except requests.ConnectionError:
                if attempt == attempts:
                    raise
            else:
                if response.status_code not in PASSING or attempt == attempts:
                    return response
            time.sleep(0.25 * 2**attempt * random.uniform(0.5, 1))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """One call that must succeed: its JSON. Problem otherwise."""
        response = self.send(method, path, body, key=key)
        if not response.ok:
            raise Problem(f"{method} {path}", response.status_code, _json(response))
        return response.json()

    def outside(self, method: str, url: str, **arguments: Any) -> requests.Response:
        """A call without our token to an address that an answer named: a payment page, an upload, a download."""
        return self._session.request(method, url, timeout=TIMEOUT_SECONDS, allow_redirects=False, **arguments)


def claims(token: str) -> dict[str, Any]:
    """What a token says. Only read here: it is checked where its signature is."""
    payload = token.split(".")[1]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return content


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except requests.JSONDecodeError:
        return {"detail": response.text[:200]}
    return content if isinstance(content, dict) else {"detail": str(content)[:200]}
