"""Where a webhook may go."""

import pytest

from branch_server.web.api.hooks.addresses import fault_of, is_forbidden


@pytest.mark.parametrize(
    "url", ["https://example.org/foleni", "http://127.0.0.1:8080/", "http://[::1]/x?y=1", "http://192.168.1.5/in"]
)
def test_the_lan_the_world_and_this_machine_are_allowed(url: str) -> None:
    assert fault_of(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "", "example.org", "ftp://example.org/", "file:///etc/passwd", "javascript:alert(1)", "http://", "http://[",
        "http://a:99999/", "http://user:secret@example.org/", "http://example.org/a b", "http://exa\nmple.org", "http://é.org/",
        "http://a/" + "x" * 500,
        "http://a\\@b/",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    assert fault_of(url)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "0.0.0.0", "::", "224.0.0.1", "ff02::1",
        "100.100.100.200", "fd00:ec2::254", "2002:a9fe:a9fe::", "240.0.0.1", "255.255.255.255",
    ],
)  # fmt: skip
def test_link_local_metadata_and_multicast_addresses_are_forbidden(host: str) -> None:
    assert is_forbidden(host)


def test_a_name_is_looked_at_only_when_it_is_reached() -> None:
    assert not is_forbidden("metadata.example.org")
