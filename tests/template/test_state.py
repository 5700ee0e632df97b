"""What must outlive a mistake: tables, buckets, people."""

from __future__ import annotations

import pytest

DURABLE = ["LedgerTable", "WorkTable", "ContentBucket", "ReportsBucket", "UserPool"]


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
    assert written.all[name]["DeletionPolicy"] == "Retain"
    assert written.all[name]["UpdateReplacePolicy"] == "Retain"


def test_keys_and_the_sparse_due_index(written):
    for table in written.of("AWS::DynamoDB::Table").values():
        assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
        (due,) = table["GlobalSecondaryIndexes"]
        assert due["IndexName"] == "due"
        assert [key["AttributeName"] for key in due["KeySchema"]] == ["dueShard", "dueAt"]
        assert due["Projection"] == {"ProjectionType": "KEYS_ONLY"}


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
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
        assert bucket["VersioningConfiguration"]["Status"] == "Enabled"
        (statement,) = policies[name]
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
    assert rule["AllowedOrigins"][0] == {"Ref": "AllowedOrigin"}
    assert "*" not in str(rule["AllowedOrigins"])
