"""Queues and schedules: nothing is lost, nothing is handed out twice too early, and an alarm says so."""

from __future__ import annotations

from references import target

from infra.local import settings

WORK = {"FetchQueue", "PlanQueue", "BatchQueue", "TopUpQueue"}
# where the event of an invocation goes that failed for good
FAILURES = {"ReportFailures"}
DAYS_14 = 14 * 24 * 3600


def test_every_work_queue_has_a_dead_letter_queue_after_five_receives(written):
    queues = written.of("AWS::SQS::Queue")
    dead = {target(queues[name]["RedrivePolicy"]["deadLetterTargetArn"]) for name in WORK}
    assert dead == set(queues) - WORK - FAILURES
    assert len(dead) == len(WORK)
    assert {queues[name]["RedrivePolicy"]["maxReceiveCount"] for name in WORK} == {5}


def test_messages_are_kept_fourteen_days_and_encrypted(written):
    for queue in written.of("AWS::SQS::Queue").values():
        assert queue["MessageRetentionPeriod"] == DAYS_14
        assert queue["SqsManagedSseEnabled"] is True


def test_visibility_is_at_least_six_times_the_time_out_of_the_worker(expanded):
    queues, workers = expanded.of("AWS::SQS::Queue"), expanded.of("AWS::Lambda::Function")
    for trigger in expanded.of("AWS::Lambda::EventSourceMapping").values():
        worker = workers[target(trigger["FunctionName"])]
        assert queues[target(trigger["EventSourceArn"])]["VisibilityTimeout"] >= 6 * worker["Timeout"]


def test_every_queue_that_is_worked_on_reports_failures_per_message(expanded):
    triggers = expanded.of("AWS::Lambda::EventSourceMapping").values()
    assert {target(trigger["EventSourceArn"]) for trigger in triggers} == WORK | {"BatchDeadLetters"}
    for trigger in triggers:
        assert trigger["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_every_dead_letter_queue_has_an_alarm(written):
    watched = {
        target(dimension["Value"])
        for alarm in written.of("AWS::CloudWatch::Alarm").values()
        if alarm.get("Namespace") == "AWS/SQS" and alarm["AlarmActions"] and alarm["Threshold"] == 0
        for dimension in alarm["Dimensions"]
    }
    assert watched == set(written.of("AWS::SQS::Queue")) - WORK


def test_print_workers_are_bounded_by_the_stack(written):
    triggers = written.of("AWS::Lambda::EventSourceMapping")
    (limit,) = [
        trigger["ScalingConfig"]["MaximumConcurrency"]
        for trigger in triggers.values()
        if target(trigger["EventSourceArn"]) == "BatchQueue"
    ]
    assert limit == {"Ref": "PrintWorkers"}


def test_the_clocks_the_month_the_sweeper_and_recovery(expanded):
    schedules = {
        target(schedule["Target"]["Arn"]): (
            schedule["ScheduleExpression"],
            schedule.get("ScheduleExpressionTimezone", "UTC"),
        )
        for schedule in expanded.of("AWS::Scheduler::Schedule").values()
    }
    assert schedules == {
        "MonthlyVendorReport": ("cron(0 6 1 * ? *)", "UTC"),
        "Sweeper": ("rate(1 minute)", "UTC"),
        "Recovery": ("rate(5 minutes)", "UTC"),
    }


def test_a_clock_that_comes_again_by_itself_is_not_repeated_nor_kept_beyond_its_turn(expanded):
    turns = {"Sweeper": 60, "Recovery": 300}
    for schedule in expanded.of("AWS::Scheduler::Schedule").values():
        name = target(schedule["Target"]["Arn"])
        if name in turns:
            policy = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": turns[name]}
            assert schedule["Target"]["RetryPolicy"] == policy, name


def test_a_clock_or_webhook_that_fails_raises_an_alarm(written):
    watched = {
        target(dimension["Value"])
        for alarm in written.of("AWS::CloudWatch::Alarm").values()
        if (alarm.get("Namespace"), alarm.get("MetricName")) == ("AWS/Lambda", "Errors") and alarm["AlarmActions"]
        for dimension in alarm["Dimensions"]
    }
    assert watched == {"StripeWebhook", "Sweeper", "Recovery", "MonthlyVendorReport"}


def test_a_turn_of_a_clock_is_not_run_again_by_lambda_and_a_failed_report_leaves_its_event(expanded):
    found = {
        config["FunctionName"]["Ref"]: (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"])
        for config in expanded.of("AWS::Lambda::EventInvokeConfig").values()
    }
    assert found == {"Sweeper": (0, 60), "Recovery": (0, 60), "MonthlyVendorReport": (2, 21600)}
    (left,) = [
        config["DestinationConfig"]["OnFailure"]["Destination"]
        for config in expanded.of("AWS::Lambda::EventInvokeConfig").values()
        if "OnFailure" in config.get("DestinationConfig", {})
    ]
    assert target(left) == "ReportFailures"


def test_turns_of_the_clocks_that_do_not_come_raise_an_alarm(written):
    missing = {
        target(alarm["Dimensions"][0]["Value"]): alarm["Period"] * alarm["EvaluationPeriods"]
        for alarm in written.of("AWS::CloudWatch::Alarm").values()
        if alarm.get("MetricName") == "Invocations"
        and (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
        and alarm["TreatMissingData"] == "breaching"
        and alarm["AlarmActions"]
    }
    assert missing == {"Sweeper": 300, "Recovery": 900}


def test_functions_that_are_refused_for_want_of_concurrency_raise_an_alarm(written):
    (alarm,) = [one for one in written.of("AWS::CloudWatch::Alarm").values() if one.get("MetricName") == "Throttles"]
    assert "Dimensions" not in alarm and alarm["Threshold"] == 0 and alarm["AlarmActions"]


def test_a_month_without_a_report_raises_an_alarm(written):
    alarm = written.of("AWS::CloudWatch::Alarm")["ReportMissingAlarm"]
    due, frozen = alarm["Metrics"]
    assert due["Expression"] == "IF(DATE(frozen) == 1 AND (HOUR(frozen) == 6 OR HOUR(frozen) == 7), frozen, 1)"
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"], frozen["MetricStat"]["Period"]) == (2, 2, 3600)
    lines = written.of("AWS::Logs::MetricFilter")["ReportsFrozen"]
    (metric,) = lines["MetricTransformations"]
    assert metric["MetricName"] == frozen["MetricStat"]["Metric"]["MetricName"]
    # without it the hour before the report has no value, and an alarm over nothing is silent
    assert metric["DefaultValue"] == 0
    said = lines["FilterPattern"].split('"')[1]
    assert f'"{said}"' in settings.ROOT.joinpath("shared/costs/src/reports.rs").read_text()


def test_a_line_that_asks_for_a_person_raises_an_alarm(written):
    filters = written.of("AWS::Logs::MetricFilter")
    watched = {
        (target(one["LogGroupName"]), transformation["MetricName"])
        for one in filters.values()
        for transformation in one["MetricTransformations"]
    }
    assert watched == {
        ("FunctionLogs", "AlarmLines"),
        ("FunctionLogs", "ContendedLines"),
        ("FunctionLogs", "RefusedSignatures"),
        ("FunctionLogs", "ReportsFrozen"),
        ("ApiLogs", "WebhookRefusals"),
        ("ApiLogs", "WebhookAnswers"),
    }
    assert filters["ContendedLines"]["FilterPattern"] == "{ $.fields.contended IS TRUE }"
    # tracing's JSON has the fields of a line under `fields`
    assert filters["AlarmLines"]["FilterPattern"] == '{ $.fields.alarm = "*" }'
    alarmed = {
        metric["MetricStat"]["Metric"]["MetricName"] if "MetricStat" in metric else metric.get("MetricName")
        for alarm in written.of("AWS::CloudWatch::Alarm").values()
        if alarm["AlarmActions"]
        for metric in alarm.get("Metrics", [alarm])
    }
    assert {metric for _, metric in watched} <= alarmed
    assert written.of("AWS::CloudWatch::Alarm")["AlarmLinesAlarm"]["Threshold"] == 0


def test_a_lone_refused_webhook_is_no_alarm_and_a_rate_of_them_is(written):
    alarm = written.of("AWS::CloudWatch::Alarm")["WebhookRefusalsAlarm"]
    assert alarm["Metrics"][0]["Expression"] == "IF(refused >= 3, 100 * refused / answered, 0)"
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (5, "GreaterThanThreshold")


def test_signatures_that_are_refused_for_half_an_hour_raise_an_alarm(written):
    lines = written.of("AWS::Logs::MetricFilter")["RefusedSignatures"]
    said = lines["FilterPattern"].split('"')[1]
    assert f'"{said}"' in settings.ROOT.joinpath("shared/billing/src/facts/webhook.rs").read_text()
    (metric,) = lines["MetricTransformations"]
    (alarm,) = [
        alarm
        for alarm in written.of("AWS::CloudWatch::Alarm").values()
        if alarm.get("MetricName") == metric["MetricName"]
    ]
    # a single forged request wakes nobody
    assert (alarm["Period"] * alarm["EvaluationPeriods"], alarm["Threshold"]) == (1800, 5)
    assert alarm["AlarmActions"]


def test_contention_is_an_alarm_by_its_rate(written):
    rate = written.of("AWS::CloudWatch::Alarm")["ContendedLinesAlarm"]
    assert (rate["Threshold"], rate["Period"], rate["Statistic"]) == (10, 300, "Sum") and rate["AlarmActions"]
