"""What the tests of the images share. They are not part of `make test`: `make test-images` runs them."""

import pytest

from tests.images.support.machine import BUILT


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    missing = [role for role in ("server", "kiosk", "display") if not (BUILT / f"{role}.img").exists()]
    if missing:
        pytest.exit(f"build the images first: images/build {' '.join(missing)}", returncode=2)
