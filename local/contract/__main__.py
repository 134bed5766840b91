"""``make docs``: write the documents that are made from the code."""

from local.contract.documents import documents
from local.engine import ROOT


def main() -> None:
    """Write those that are not what the code gives, and name them."""
    for path, text in documents().items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
