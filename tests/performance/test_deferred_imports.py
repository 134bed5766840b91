"""What the layer's packages import at first use: never in an ordinary notification, and all there for who asks.

The packages that are installed are changed as the build changes them, and tried in processes of their own.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from local.engine import ROOT
from tests.performance.artefacts import SETTINGS, deployed_settings

LAYER: Final = ROOT / "layers" / "dependencies"
INSTALLED: Final = Path(boto3.__file__).parents[1]
CHANGED: Final = ("aws_lambda_powertools", "boto3", "botocore", "pydantic", "urllib3")
LEFT_OUT: Final = {
    "aws_lambda_powertools.tracing",
    "boto3.docs.service",
    "botocore.docs.bcdoc.restdoc",
    "configparser",
    "dateutil",
    "html",
    "importlib.metadata",
    "mimetypes",
    "multiprocessing",
    "s3transfer",
    "xml",
}

_EVERYTHING: Final = """
import json, sys, boto3, botocore.session
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.tracing import Tracer as the_tracer
from boto3.s3.transfer import TransferConfig
from moto import mock_aws
from types import SimpleNamespace
from urllib3.filepost import encode_multipart_formdata
assert Tracer is the_tracer
with mock_aws():
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    open(sys.argv[1], "w").write("text")
    s3.upload_file(sys.argv[1], "bucket", "key", Config=TransferConfig())
    s3.get_waiter("object_exists").wait(Bucket="bucket", Key="key")
    (page,) = s3.get_paginator("list_objects_v2").paginate(Bucket="bucket")
    assert page["Contents"][0]["LastModified"].tzinfo
    assert [one.key for one in boto3.resource("s3").Bucket("bucket").objects.all()] == ["key"]
    sns = boto3.client("sns")
    assert sns.publish(TopicArn=sns.create_topic(Name="topic")["TopicArn"], Message="text")["MessageId"]
    assert "PutObject" in str(s3.get_bucket_location.__doc__) + str(s3.put_object.__doc__)
    assert "paginate" in str(s3.get_paginator("list_objects_v2").paginate.__doc__)
logger = Logger(service="service")
@logger.inject_lambda_context(correlation_id_path="headers.id")
def handler(event, context):
    return logger.get_correlation_id()
context = SimpleNamespace(function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="r")
assert handler({"headers": {"id": "42"}}, context) == "42"
assert b"text/plain" in encode_multipart_formdata({"file": ("name.txt", "text")})[0]
"""
_FROM_OUTSIDE: Final = """
import importlib, json, sys
for module, names in json.loads(sys.argv[1]).items():
    taken = importlib.import_module(module)
    for name in names:
        getattr(taken, name)
    assert not hasattr(taken, "no_such_name")
"""

Run = Callable[..., str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a program, by the packages as they are in the layer."""
    packages = tmp_path_factory.mktemp("layer")
    for name in CHANGED:
        ignored = shutil.ignore_patterns("__pycache__", "data" if name == "botocore" else "")
        shutil.copytree(INSTALLED / name, packages / name, ignore=ignored)
    (packages / "botocore" / "data").symlink_to(INSTALLED / "botocore" / "data")
    subprocess.run([sys.executable, LAYER / "defer.py", packages], check=True, timeout=60)
    path = [packages, ROOT / "functions", ROOT / "layers/card_tracking", ROOT, INSTALLED]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(map(str, path))}
    environment |= {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

    def run(*program: str) -> str:
        # Without what is installed for tests alone and comes with every interpreter (-S).
        done = subprocess.run(
            [sys.executable, "-S", *program],
            env=environment | SETTINGS | deployed_settings(),
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_an_ordinary_notification_uses_none_of_it(run: Run) -> None:
    """Neither the start nor a notification that is stored imports what was left out: it is not only late."""
    told: dict[str, Any] = json.loads(run("-m", "tests.performance.first_notification").splitlines()[-1])
    assert (told["code"], told["asked"]) == (204, ["BatchGetItem", "BatchExecuteStatement"])
    for modules in (told["at_start"], told["afterwards"]):
        assert {name for name in modules if any(name == one or name.startswith(f"{one}.") for one in LEFT_OUT)} == set()


def test_whoever_uses_it_has_it(run: Run, tmp_path: Path) -> None:
    """Transfers, pages, waiters, resources, XML, help and correlation ids work as before."""
    run("-c", _EVERYTHING, str(tmp_path / "file"))


def test_each_name_is_still_in_its_module(run: Run) -> None:
    """Who imports a name from a module that no longer has it at its top gets it."""
    listed = tomllib.loads((LAYER / "deferred.toml").read_text())
    modules = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): listed[path] for path in listed}
    run("-c", _FROM_OUTSIDE, json.dumps(modules))
