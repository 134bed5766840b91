"""Causes that D1, its certificate or a stranger bring."""

from typing import Final

from card_tracking.errors import DependencyFailed
from check_release.synthetic import CARD_ID
from tests.alarms.of_services import table_is_down
from tests.alarms.rehearsal import rehearses
from tests.alarms.stage import D1, RECONCILE, Stage
from tests.samples import CARD, body, operation

SHIPPED: Final = operation(status="SUCCESSFUL", details={"status": "CARD_SHIPPED"})
CANCELED: Final = operation(status="FAILED", details={"status": "CARD_PROD_CANCELED"})


@rehearses("CallersRefusedAlarm", "the certificate of somebody else")
def refuse_stranger(stage: Stage) -> None:
    """Let somebody call with another certificate of the same CA."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    assert stage.deliver(operation(), subject="CN=stranger,O=Thales DIS,C=FR") == 403
    stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("UnknownStatusesAlarm", "D1 sends a new status")
def send_unknown_status(stage: Stage) -> None:
    """Let D1 use a status that nobody knows."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    assert stage.deliver(operation(details={"status": "CARD_POLISHED"})) == 204
    stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=8)


@rehearses("FailuresWithoutAlertAlarm", "an operation fails without a card status")
def fail_without_alert(stage: Stage) -> None:
    """Let an operation fail without a card status, so that nobody gets an alert."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    assert stage.deliver(operation(status="FAILED", details=None)) == 204
    stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=8)


@rehearses("ContradictionsAlarm", "a card is canceled and then shipped")
def contradict(stage: Stage) -> None:
    """Let D1 contradict itself about a card."""
    stage.pass_time(minutes=30)
    assert stage.deliver(CANCELED) == 204
    stage.pass_time(minutes=10)
    stage.begin_cause()
    assert stage.deliver(SHIPPED) == 204
    stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("NotificationsMissedAlarm", "D1 knows more than it told")
def miss_notification(stage: Stage) -> None:
    """Let reconciliation find a card that was shipped long ago."""
    stage.pass_time(minutes=30)
    assert stage.deliver(operation()) == 204
    stage.begin_cause()
    assert stage.invoke(RECONCILE, {"cardIds": [CARD]}, d1=D1(body(SHIPPED))).answer
    stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("ReconciliationFailsAlarm", "D1 does not answer")
def fail_reconciliation(stage: Stage) -> None:
    """Let D1 be down while it is asked."""
    _reconcile(stage, D1(DependencyFailed("production_status", "503")))


@rehearses("ReconciliationFailsAlarm", "D1 does not know a card")
def ask_about_unknown_card(stage: Stage) -> None:
    """Let D1 deny a card that it has told of."""
    _reconcile(stage, D1(None))


def _reconcile(stage: Stage, d1: D1) -> None:
    stage.pass_time(minutes=30)
    assert stage.deliver(operation()) == 204
    stage.begin_cause()
    assert stage.invoke(RECONCILE, {"cardIds": [CARD]}, d1=d1).answer
    stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("ReconciliationFailsAlarm", "`reconcile_cards` fails")
def crash_reconciliation(stage: Stage) -> None:
    """Let an operator order what makes no sense."""
    stage.pass_time(minutes=30)
    stage.begin_cause()
    assert stage.invoke(RECONCILE, {"cardIds": 7}, table_is_down).error
    stage.pass_time(minutes=1)
    stage.end_cause()
    stage.pass_time(hours=1)


@rehearses("SilenceAlarm", "D1 sends nothing for four days")
def fall_silent(stage: Stage) -> None:
    """Let D1 send nothing, although a release is checked each day, and then one notification."""
    stage.pass_time(hours=4)
    assert stage.deliver(operation()) == 204
    stage.d1_sends = False
    stage.begin_cause()
    for _ in range(4):
        stage.pass_time(hours=20)
        assert stage.deliver(operation(cardId=CARD_ID, details=None), request_id=f"{CARD_ID}-1") == 204
        stage.pass_time(hours=4)
    stage.d1_sends = True
    assert stage.deliver(operation()) == 204
    stage.end_cause()
    stage.pass_time(hours=12)


@rehearses("ClientCertificateExpiresAlarm", "D1 calls with a certificate of 30 days, later with a new one")
def let_client_certificate_expire(stage: Stage) -> None:
    """Let D1 call with a certificate near its end, be silent for a day, and then call with a new one."""
    stage.d1_sends = False
    assert stage.deliver(operation(), days_left=30.5) == 204
    stage.pass_time(hours=12)
    stage.begin_cause()
    assert stage.deliver(operation(), days_left=30) == 204
    stage.pass_time(days=1)
    stage.end_cause()
    stage.d1_sends = True
    assert stage.deliver(operation(), days_left=365) == 204
    stage.pass_time(hours=6)


@rehearses("DomainCertificateExpiresAlarm", "30 days are left, later it is renewed")
def let_domain_certificate_expire(stage: Stage) -> None:
    """Let Certificate Manager tell of a certificate near its end, and then of its renewal: each after it has told."""
    stage.pass_time(hours=4, minutes=1)
    stage.certificate_days = 31
    stage.pass_time(days=1)
    stage.certificate_days = 30
    stage.begin_cause()
    stage.pass_time(days=1)
    stage.certificate_days = 395
    stage.end_cause()
    stage.pass_time(days=2)
