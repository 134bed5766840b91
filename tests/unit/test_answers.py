"""The table of answers to D1."""

import json

import pytest

from receive_notification import answers
from receive_notification.answers import Answer


def test_table() -> None:
    """Success is 204, a body that cannot be read 400, another's issuer 404, and a failure of ours 503."""
    assert answers.TAKEN.status_code == 204
    assert answers.UNREADABLE.status_code == 400
    assert answers.OTHER_ISSUER.status_code == 404
    assert answers.FAILED.status_code == 503
    assert all(
        answer in answers.ALL for answer in (answers.TAKEN, answers.UNREADABLE, answers.OTHER_ISSUER, answers.FAILED)
    )


def test_nothing_else_is_ours() -> None:
    """Only a failure of ours is a 5xx, and no answer is one that D1 might take for success or for moved."""
    assert [answer for answer in answers.ALL if answer.status_code >= 500] == [answers.FAILED]
    assert [answer for answer in answers.ALL if answer.status_code < 400] == [answers.TAKEN]


def test_success_is_empty() -> None:
    """D1 takes a 204 with an empty body for success."""
    assert answers.TAKEN.response() == {"statusCode": 204, "headers": {}, "body": "", "isBase64Encoded": False}


@pytest.mark.parametrize("answer", [answer for answer in answers.ALL if answer is not answers.TAKEN])
def test_error_body(answer: Answer) -> None:
    """An error is JSON with a code for machines and a sentence for people."""
    response = answer.response()
    assert response["headers"]["Content-Type"] == "application/json"
    document = json.loads(response["body"])
    assert set(document) == {"errorCode", "error"}
    assert document["errorCode"].isupper()
    assert document["error"].endswith(".")


def test_failure_says_when_to_send_again() -> None:
    """Only a failure of ours asks D1 to send again, and says when."""
    assert int(answers.FAILED.response()["headers"]["Retry-After"]) > 0
    assert [answer for answer in answers.ALL if "Retry-After" in answer.headers] == [answers.FAILED]


@pytest.mark.parametrize("answer", answers.ALL)
def test_answers_cannot_be_changed(answer: Answer) -> None:
    """A response is made anew each time: nothing of one request gets into the answer to another."""
    answer.response()["headers"]["X"] = "leak"
    assert "X" not in answer.response()["headers"]
    assert answer.situation
