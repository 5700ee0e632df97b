"""The whole product on one machine: builds it, deploys template.yaml to an emulator on loopback, seeds it.

`python -m infra.local up` is `make run`. What other programs need of a running stack is in `.local/stack.json` and in
`infra.local.stack`.
"""
