"""Which version is newer."""

import pytest

from foleni.updating.versions import is_older

_RISING = ["0.1.0", "0.2.0rc1", "0.2.0rc2", "0.2.0", "0.2.0+20261120", "0.2.0+20261121", "0.2.1", "0.10.0", "1.0.0", "10.0.0"]


@pytest.mark.parametrize("n", range(len(_RISING) - 1))
def test_versions_rise(n: int) -> None:
    assert is_older(_RISING[n], _RISING[n + 1])
    assert not is_older(_RISING[n + 1], _RISING[n])
    assert not is_older(_RISING[n], _RISING[n])
