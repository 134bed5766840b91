"""The layer's botocore describes the services in use and no others; of these it leaves out nothing that is used."""

import gzip
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import botocore
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.session import Session

from local.engine import ROOT

LAYER: Final = ROOT / "layers" / "dependencies"
INSTALLED: Final = Path(botocore.__file__).parent / "data"
REGIONS: Final = ("eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1")


def services() -> list[str]:
    """Read the one list of services."""
    found = re.search(r"^SERVICES := (.+)$", (LAYER / "Makefile").read_text(), re.MULTILINE)
    assert found
    return found[1].split()


def clients_made() -> set[str]:
    """Name every service that our code makes a client for."""
    folders = (ROOT / "functions", ROOT / "layers" / "card_tracking")
    texts = [path.read_text() for folder in folders for path in folder.rglob("*.py")]
    return {name for text in texts for name in re.findall(r'boto3\.client\(\s*"([a-z0-9-]+)"', text)}


@pytest.fixture(scope="module")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trim a copy of the botocore that is installed, as the build does."""
    packages = tmp_path_factory.mktemp("layer")
    shutil.copytree(INSTALLED, packages / "botocore" / "data")
    subprocess.run([sys.executable, LAYER / "trim.py", packages, *services()], check=True, timeout=60)
    return packages / "botocore" / "data"


def client(service: str, region: str, data: Path) -> Any:
    """Make a client that knows nothing but what is described in a folder."""
    session = Session()
    session.register_component("data_loader", Loader([str(data)], include_default_search_paths=False))
    return session.create_client(service, region, aws_access_key_id="test", aws_secret_access_key="test")


def test_every_client_of_ours_is_listed() -> None:
    """A service that our code makes a client for stays in the layer."""
    assert clients_made() == set(services())


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("service", services())
def test_clients_are_the_same(trimmed: Path, service: str, region: str) -> None:
    """A client made from the trimmed description goes to the same address, and knows the same operations."""
    ours, theirs = client(service, region, trimmed), client(service, region, INSTALLED)
    assert ours.meta.endpoint_url == theirs.meta.endpoint_url
    assert ours.meta.partition == theirs.meta.partition
    assert ours.meta.service_model.operation_names == theirs.meta.service_model.operation_names


def test_nothing_but_documentation_is_left_out(trimmed: Path) -> None:
    """The model of the table's service is the installed one, word for word, without its documentation."""

    def shapes(model: Any) -> Any:
        return {name: sorted(shape.get("members", {})) for name, shape in model["shapes"].items()}

    (ours,) = trimmed.glob("dynamodb/2012*/service-2.json")
    (theirs,) = INSTALLED.glob("dynamodb/2012*/service-2.json.gz")
    assert shapes(json.loads(ours.read_bytes())) == shapes(json.loads(gzip.decompress(theirs.read_bytes())))
    assert '"documentation":"' not in ours.read_text()


def test_other_services_come_from_elsewhere(trimmed: Path) -> None:
    """Another Lambda that attaches the layer names a folder with all services (AWS_DATA_PATH), and has them."""
    with pytest.raises(UnknownServiceError):
        client("s3", "eu-west-1", trimmed)
    session = Session()
    session.register_component(
        "data_loader", Loader([str(INSTALLED), str(trimmed)], include_default_search_paths=False)
    )
    s3 = session.create_client("s3", "eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
    assert s3.meta.endpoint_url == "https://s3.eu-west-1.amazonaws.com"


def test_unknown_services_are_refused(tmp_path: Path) -> None:
    """A service that botocore does not have is a mistake in the list, and fails the build."""
    (tmp_path / "botocore" / "data").mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, LAYER / "trim.py", tmp_path, "dynamo"], check=False, timeout=60, capture_output=True
    )
    assert done.returncode
    assert b"dynamo" in done.stderr
