"""The API held against its own description by schemathesis: `make test-api`."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("schemathesis", reason="schemathesis is not installed: make test-api does it")
pytestmark = pytest.mark.api
EXAMPLES = 200
SEED = 7


@pytest.mark.timeout(240)
@pytest.mark.parametrize("token", [None, "t0ken"])
async def test_nothing_that_is_asked_gets_an_answer_that_is_not_described(
    serve: Any, vendor: Any, tmp_path: Path, token: str | None
) -> None:
    vendor["acme"].many(3)
    async with serve("acme", groups={"all": ("acme:*",)}, token=token) as served:
        command = [
            str(Path(sys.executable).with_name("schemathesis")),
            *("run", f"{served.url}/openapi.json", "--seed", str(SEED), "--max-examples", str(EXAMPLES)),
            *("--exclude-path", "/api/v1/stream", "--phases", "examples,coverage,fuzzing", "--no-color"),
            *(("--header", f"Authorization: Bearer {token}") if token else ()),
        ]
        ran = await asyncio.create_subprocess_exec(
            *command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=tmp_path
        )
        out, _ = await ran.communicate()
    assert ran.returncode == 0, out.decode()[-6000:]
