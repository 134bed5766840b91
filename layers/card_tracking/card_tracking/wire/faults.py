"""What is wrong with a request to us, told without repeating what it holds."""

from pydantic import ValidationError


def describe_faults(error: ValidationError) -> str:
    """Name each field at fault and what is expected of it."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'request'}: {fault['msg']}" for fault in faults)
