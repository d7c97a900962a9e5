"""The figures of a cloud are for whoever watches over it, and for nobody else."""

from pathlib import Path

import requests

from tests.support.cloud import CloudProcess

TOKEN = "a-token-that-is-long"


def test_the_figures_are_for_this_machine_and_for_who_has_the_token(tmp_path: Path) -> None:
    with CloudProcess(tmp_path, arguments=("--metrics-token", TOKEN)) as cloud:
        assert cloud.get("/metrics").status_code == 200
        elsewhere = {"X-Forwarded-For": "192.0.2.7"}
        assert requests.get(f"{cloud.url}/metrics", headers=elsewhere, timeout=30).status_code == 404
        known = {**elsewhere, "Authorization": f"Bearer {TOKEN}"}
        assert requests.get(f"{cloud.url}/metrics", headers=known, timeout=30).status_code == 200
