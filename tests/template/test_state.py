"""What must outlive a mistake: tables, buckets, people."""

from __future__ import annotations

import pytest

DURABLE = ["LedgerTable", "WorkTable", "ContentBucket", "ReportsBucket", "AccessLogsBucket", "UserPool"]
# buckets that hold what customers or finance own; the third holds S3's logs of these
CONTENT = ["ContentBucket", "ReportsBucket"]


def test_both_tables_are_backed_up_encrypted_and_protected(written):
    tables = written.of("AWS::DynamoDB::Table")
    assert set(tables) == {"LedgerTable", "WorkTable"}
    for table in tables.values():
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["SSESpecification"]["SSEEnabled"] is True
        assert table["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
        assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert written.content["Parameters"]["DeletionProtection"]["Default"] == "true"


@pytest.mark.parametrize("name", DURABLE)
def test_what_holds_money_or_people_stays_when_the_stack_goes(written, name):
    # a first deploy that fails leaves nothing behind that blocks the next one
    assert written.all[name]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert written.all[name]["UpdateReplacePolicy"] == "Retain"


def test_keys_and_the_sparse_due_index(written):
    projected = {
        "LedgerTable": {"ProjectionType": "KEYS_ONLY"},
        "WorkTable": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kind"]},
    }
    for name, table in written.of("AWS::DynamoDB::Table").items():
        assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
        (due,) = table["GlobalSecondaryIndexes"]
        assert due["IndexName"] == "due"
        assert [key["AttributeName"] for key in due["KeySchema"]] == ["dueShard", "dueAt"]
        assert due["Projection"] == projected[name]


def test_the_ledger_never_expires(written):
    tables = written.of("AWS::DynamoDB::Table")
    assert "TimeToLiveSpecification" not in tables["LedgerTable"]
    assert tables["WorkTable"]["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}


def test_buckets_are_private_encrypted_versioned_and_reached_by_tls_alone(written):
    policies = {
        policy["Bucket"]["Ref"]: policy["PolicyDocument"]["Statement"]
        for policy in written.of("AWS::S3::BucketPolicy").values()
    }
    for name, bucket in written.of("AWS::S3::Bucket").items():
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        # S3 delivers its logs to no bucket whose default is a KMS key
        algorithm = "aws:kms" if name in CONTENT else "AES256"
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == algorithm
        assert bucket["VersioningConfiguration"]["Status"] == "Enabled"
        statement, *others = policies[name]
        assert bool(others) == (name not in CONTENT)
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_contact_data_is_kept_400_days(written):
    rules = written.of("AWS::S3::Bucket")["ContentBucket"]["LifecycleConfiguration"]["Rules"]
    (contacts,) = [rule for rule in rules if rule.get("Prefix") == "contacts/"]
    assert contacts["ExpirationInDays"] == 400
    assert contacts["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_browsers_may_only_post_to_the_content_bucket_and_only_from_our_pages(written):
    (rule,) = written.of("AWS::S3::Bucket")["ContentBucket"]["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedMethods"] == ["POST"]
    assert rule["AllowedOrigins"] == [
        {"Ref": "AllowedOrigin"},
        {"Fn::If": ["HasAppUrl", {"Ref": "AppUrl"}, {"Ref": "AWS::NoValue"}]},
        {"Fn::If": ["HasConsoleDomain", {"Fn::Sub": "https://${ConsoleDomain}"}, {"Ref": "AWS::NoValue"}]},
    ]


def test_every_reading_and_writing_of_an_object_is_logged_for_400_days(written):
    buckets = written.of("AWS::S3::Bucket")
    for name in CONTENT:
        logging = buckets[name]["LoggingConfiguration"]
        assert logging["DestinationBucketName"] == {"Ref": "AccessLogsBucket"}, name
        assert logging["LogFilePrefix"], name
    assert set(buckets) - set(CONTENT) == {"AccessLogsBucket"}
    (rule,) = buckets["AccessLogsBucket"]["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 400
    (policy,) = [
        policy["PolicyDocument"]["Statement"]
        for policy in written.of("AWS::S3::BucketPolicy").values()
        if policy["Bucket"] == {"Ref": "AccessLogsBucket"}
    ]
    assert policy[1]["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert policy[1]["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
