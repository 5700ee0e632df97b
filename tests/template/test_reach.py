"""Least privilege: what each function may touch, read from the roles that CloudFormation would make."""

from __future__ import annotations

import json

from references import target

# SAM gives every function this one managed policy: it may write its own logs.
LOGS_ONLY = "policy/service-role/AWSLambdaBasicExecutionRole"

# Who may move credits. Every other function can only read the ledger, or not even that.
MOVERS = {
    "StripeWebhook",
    "AutoTopUp",
    "Recovery",
    "RefundDecisions",
    "Quarantine",
    "CreditAdjustments",
    "AudiencePurchase",
    "ContactFetcher",
    "CampaignPrint",
    "PrintPlanner",
    "PrintBatch",
    "Sweeper",
}
VENDOR_KEYS = {
    "PurchaseCredits": "stripe",
    "StripeWebhook": "stripe",
    "BillingPortal": "stripe",
    "AutoTopUp": "stripe",
    "Recovery": "stripe",
    "RefundRequest": "stripe",
    "RefundDecisions": "stripe",
    "Quarantine": "stripe",
    "AudienceCount": "data-axle",
    "AudiencePurchase": "data-axle",
    "ContactFetcher": "data-axle",
    "PrintBatch": "postgrid",
}


def roles(expanded):
    """Function -> statements of its own role."""
    every_role = expanded.of("AWS::IAM::Role")
    return {
        name: [
            statement
            for policy in every_role[function["Role"]["Fn::GetAtt"][0]].get("Policies", [])
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        for name, function in expanded.of("AWS::Lambda::Function").items()
    }


def actions(statement):
    named = statement["Action"]
    return [named] if isinstance(named, str) else named


def resources(statement):
    named = statement["Resource"]
    return named if isinstance(named, list) else [named]


def may(expanded, action, resource):
    """Functions that may do `action` on what names `resource`."""
    return {
        name
        for name, statements in roles(expanded).items()
        for statement in statements
        if action in actions(statement) and resource in json.dumps(statement["Resource"])
    }


def test_every_function_has_a_role_of_its_own(expanded):
    used = [function["Role"]["Fn::GetAtt"][0] for function in expanded.of("AWS::Lambda::Function").values()]
    assert len(used) == len(set(used))


def test_no_managed_policy_widens_a_role(expanded):
    for name, role in expanded.of("AWS::IAM::Role").items():
        for policy in role.get("ManagedPolicyArns", []):
            text = policy["Fn::Sub"] if isinstance(policy, dict) else policy
            assert text.endswith(f":iam::aws:{LOGS_ONLY}"), name


def test_no_policy_allows_a_wildcard_action_or_every_resource(expanded):
    for name, role in expanded.of("AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                assert statement["Effect"] == "Allow"
                assert not [action for action in actions(statement) if "*" in action], name
                assert "*" not in resources(statement), name


def test_stars_in_resources_stand_only_below_a_prefix_of_a_bucket(expanded):
    for name, statements in roles(expanded).items():
        for statement in statements:
            for resource in resources(statement):
                text = resource["Fn::Sub"] if "Fn::Sub" in resource else ""
                if "*" in text:
                    assert text.startswith(("${ContentBucket.Arn}/", "${ReportsBucket.Arn}/")), (name, text)
                    assert text.endswith("/*") and text.count("*") == 1, (name, text)
                    assert text not in ("${ContentBucket.Arn}/*",), name


def test_nobody_scans_a_table_and_nobody_deletes_from_the_ledger(expanded):
    for action in ("dynamodb:Scan", "dynamodb:DeleteTable", "dynamodb:PartiQLDelete", "dynamodb:PartiQLUpdate"):
        assert not may(expanded, action, "Table")
    for action in ("dynamodb:DeleteItem", "dynamodb:BatchWriteItem"):
        assert not may(expanded, action, "LedgerTable")


def test_only_movers_write_accounts(expanded):
    # whoever sets levels writes which ones an account watches, and a note of those that are crossed already
    setters = {"AutoTopUpSettings", "CreditAlerts"}
    # a hold and its release are in no month
    holders = {"AudiencePurchase", "CampaignPrint", "PrintPlanner"}
    assert may(expanded, "dynamodb:UpdateItem", "LedgerTable") == (MOVERS - holders) | setters
    # purchase-credits notes which organization a Stripe object belongs to, before it is paid
    assert may(expanded, "dynamodb:PutItem", "LedgerTable") == MOVERS | setters | {"PurchaseCredits"}
    for name in MOVERS:
        assert set(ledger_writes(expanded, name).values()) == {None}, name


def ledger_writes(expanded, name):
    """Action -> condition, of what a function may write to the ledger."""
    return {
        action: statement.get("Condition")
        for statement in roles(expanded)[name]
        if "LedgerTable" in json.dumps(statement["Resource"])
        for action in actions(statement)
        if action in ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem")
    }


def leading(prefix):
    return {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": prefix},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }


def test_who_moves_no_credits_can_replace_no_account(expanded):
    assert ledger_writes(expanded, "PurchaseCredits") == {"dynamodb:PutItem": leading("REF#*")}
    levels_alone = {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": "ORG#*"},
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "watch"]},
        "Null": {"dynamodb:LeadingKeys": "false", "dynamodb:Attributes": "false"},
    }
    for name in ("AutoTopUpSettings", "CreditAlerts"):
        assert ledger_writes(expanded, name) == {
            "dynamodb:UpdateItem": levels_alone,
            "dynamodb:ConditionCheckItem": leading("ORG#*"),
            "dynamodb:PutItem": leading("WATCH#*"),
        }, name


def prefixes(expanded, name, action):
    """Bucket -> prefixes below which a function may do `action`, of every one that it may do it to."""
    found = {}
    for statement in roles(expanded)[name]:
        if action in actions(statement):
            for resource in resources(statement):
                if action == "s3:ListBucket":
                    # with IfExists a listing without a prefix would be allowed
                    assert list(statement["Condition"]) == ["StringLike"], name
                    listed = statement["Condition"]["StringLike"]["s3:prefix"]
                    listed = listed if isinstance(listed, list) else [listed]
                    found.setdefault(target(resource), set()).update(listed)
                else:
                    bucket, _, prefix = resource["Fn::Sub"].partition("/")
                    found.setdefault(bucket[2:].split(".")[0], set()).add(prefix)
    return found


def test_nobody_lists_a_bucket_beyond_the_prefixes_that_they_read(expanded):
    listing = may(expanded, "s3:ListBucket", "Bucket")
    for name in listing:
        read = prefixes(expanded, name, "s3:GetObject")
        for bucket, prefix in prefixes(expanded, name, "s3:GetObjectVersion").items():
            read.setdefault(bucket, set()).update(prefix)
        if name == "CampaignPrint":
            # what a campaign lacks is seen in the list of its files
            read["ContentBucket"].add("artwork/*")
        for bucket, listed in prefixes(expanded, name, "s3:ListBucket").items():
            assert all(prefix.endswith("/*") for prefix in listed), name
            assert read[bucket] in (listed, {"*"}), name
    # who only signs links reads nothing itself; all others must tell a missing file from a forbidden one
    assert may(expanded, "s3:GetObject", "Bucket") - listing == {"AudiencePurchaseStatus"}


def test_the_clocks_alone_read_the_due_indexes(expanded):
    assert may(expanded, "dynamodb:Query", "LedgerTable.Arn}/index/due") == {"Sweeper"}
    assert may(expanded, "dynamodb:Query", "WorkTable.Arn}/index/due") == {"Sweeper", "Recovery"}


def test_the_sweeper_alone_tells_owners_and_asks_for_top_ups(expanded):
    assert may(expanded, "sns:Publish", "OwnerAlerts") == {"Sweeper"}
    assert not may(expanded, "sns:Publish", "Alarms")
    assert may(expanded, "sqs:SendMessage", "TopUpQueue") == {"Sweeper"}
    assert may(expanded, "sqs:ReceiveMessage", "TopUpQueue") == {"AutoTopUp"}


def test_a_function_reads_one_vendors_keys_at_most(expanded):
    found = {}
    for name, statements in roles(expanded).items():
        for statement in statements:
            if "secretsmanager:GetSecretValue" in actions(statement):
                (secret,) = resources(statement)
                stage, vendor = secret["Fn::Sub"].split(":secret:")[1].removesuffix("-??????").split("/")
                # a stage's own: another stage's have another name in front
                assert stage == "${AWS::StackName}", name
                found[name] = vendor
    assert found == VENDOR_KEYS


def test_the_secret_that_a_function_reads_is_the_one_that_its_variable_names(written):
    for name, vendor in VENDOR_KEYS.items():
        variables = written.all[name]["Properties"]["Environment"]["Variables"]
        read = [value for key, value in variables.items() if key.endswith("_SECRET_ID")]
        assert read == [{"Fn::Sub": f"${{AWS::StackName}}/{vendor}"}], name


def test_contacts_are_read_by_who_delivers_or_prints_them(expanded):
    assert may(expanded, "s3:GetObject", "ContentBucket.Arn}/contacts/") == {
        "AudiencePurchaseStatus",
        "ContactFetcher",
        # settles a purchase whose worker never came back, from the pages that are stored
        "Sweeper",
        # looks whether each recipient has artwork, by the recipient's id
        "CampaignPrint",
        "PrintPlanner",
        "PrintBatch",
    }
    assert may(expanded, "s3:PutObject", "ContentBucket.Arn}/contacts/") == {"ContactFetcher", "Sweeper"}


def test_the_page_reaches_nothing(expanded):
    assert roles(expanded)["Console"] == []
