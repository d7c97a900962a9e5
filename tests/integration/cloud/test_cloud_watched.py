"""The figures of a cloud are for whoever watches over it, and for nobody else."""

from pathlib import Path

import requests

from tests.support.cloud import CloudProcess
from tests.support.dashboard import described_in, figures_of
from tests.support.waiting import until

TOKEN = "a-token-that-is-long"


def test_the_figures_are_for_this_machine_and_for_who_has_the_token(tmp_path: Path) -> None:
    with CloudProcess(tmp_path, arguments=("--metrics-token", TOKEN)) as cloud:
        assert cloud.get("/metrics").status_code == 200
        elsewhere = {"X-Forwarded-For": "192.0.2.7"}
        assert requests.get(f"{cloud.url}/metrics", headers=elsewhere, timeout=30).status_code == 404
        known = {**elsewhere, "Authorization": f"Bearer {TOKEN}"}
        assert requests.get(f"{cloud.url}/metrics", headers=known, timeout=30).status_code == 200


def test_the_figures_tell_which_branch_is_silent_and_how_far_it_came(tmp_path: Path) -> None:
    with CloudProcess(tmp_path) as cloud:
        token = cloud.branch("main-street")
        before = cloud.get("/metrics").text
        assert figures_of("foleni-cloud") - described_in(before) == set()
        assert 'branch="main-street"' not in before
        asked = {"Authorization": f"Bearer {token}"}
        body = {"first": 1, "events": []}
        url = f"{cloud.url}/api/v1/sync/main-street/events"
        assert requests.post(url, json=body, headers=asked, timeout=30).status_code == 200
        until(lambda: 'heard_seconds_ago{branch="main-street"}' in cloud.get("/metrics").text)
        assert 'foleni_cloud_branch_stands_still{branch="main-street"} 0.0' in cloud.get("/metrics").text
