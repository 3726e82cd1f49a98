"""The wallboard in a real browser: `make test-browser`. Everything it loads comes from the server under test."""

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip(
    "playwright.async_api", reason="playwright is not installed: make test-browser does it"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(os.environ.get("CCSTATS_AXE", "axe.min.js"))
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZES = ((1920, 1080), (1280, 800), (390, 844))
BOUND = 30.0
AGAIN = "requestAnimationFrame(look)"
NUMBERS = """(vendor) => [...document.querySelectorAll("#queues .tile")]
    .filter((tile) => tile.querySelector(".from").textContent === vendor)
    .map((tile) => tile.querySelector(".big").innerText)"""
FRAMES = """() => {
    let before = performance.now();
    window.longest = 0;
    const frame = (now) => {
        window.longest = Math.max(window.longest, now - before);
        before = now;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
}"""
ALL_SHOW = """(newest) => [...document.querySelectorAll("#queues .tile")]
    .every((tile) => tile.querySelector("dd").textContent.startsWith(newest))"""


@asynccontextmanager
async def page(url: str, *, size: tuple[int, int] = (1280, 800), scheme: str = "light") -> AsyncGenerator[Any]:
    """The wallboard, opened; what the browser complains of, or asks other hosts for, fails the test."""
    wrong: list[str] = []
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        opened = await context.new_page()
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.on("request", lambda one: wrong.append(one.url) if not one.url.startswith(url.split("?")[0]) else None)
        opened.on("console", lambda said: wrong.append(said.text) if "Security Policy" in said.text else None)
        await opened.goto(url)
        yield opened
        await browser.close()
    assert wrong == []


def demo(port: int = 0) -> AbstractAsyncContextManager[tuple[asyncio.subprocess.Process, str]]:
    """`ccstats demo --serve`, and its address."""
    return served("demo", "--serve", port=port)


@asynccontextmanager
async def served(*arguments: str, port: int) -> AsyncGenerator[tuple[asyncio.subprocess.Process, str]]:
    """A command that serves, and its address."""
    command = [sys.executable, "-P", "-m", "ccstats", *arguments, "--listen", f"127.0.0.1:{port}"]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    try:
        found = re.search(r"serving at (\S+)", (await process.stderr.readline()).decode())
        assert found is not None
        yield process, f"{found[1]}/"
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def until(opened: Any, condition: str, arg: Any = None) -> None:
    """Wait until a function of `arg` says true, looked at with every frame; the page's policy forbids `eval`."""
    look = f"(arg) => new Promise((done) => {{ const look = () => ({condition})(arg) ? done() : {AGAIN}; look(); }})"
    async with asyncio.timeout(BOUND):
        await opened.evaluate(look, arg)


async def live(opened: Any, words: str = "live") -> None:
    await until(opened, "(words) => document.getElementById('words').textContent === words", words)


async def changed(opened: Any, vendor: str) -> None:
    """Until a number of this vendor's queues is another one."""
    await until(opened, f"(vendor) => ({NUMBERS})(vendor).length === 6", vendor)
    before = await opened.evaluate(NUMBERS, vendor)
    await until(opened, f"([vendor, before]) => String(({NUMBERS})(vendor)) !== String(before)", [vendor, before])


async def test_both_vendors_queues_change_and_the_server_is_lost_and_found_again() -> None:
    async with demo() as (process, url), page(url) as opened:
        await live(opened)
        await changed(opened, "twilio")
        await changed(opened, "genesys")
        assert await opened.locator("#groups .tile").count() == 2
        process.send_signal(signal.SIGTERM)
        await live(opened, "no connection")
        assert await opened.locator("#queues .tile").count() == 12  # the last numbers stay, marked
        await process.wait()
        async with demo(int(url.rstrip("/").rpartition(":")[2])):
            await live(opened)
            await changed(opened, "twilio")


async def test_what_a_new_server_does_not_know_leaves_the_board(tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:1"
    config = tmp_path / "ccstats.toml"
    config.write_text(f"""[sources.emea]
adapter = "genesys"
client_id = "client"
client_secret = "secret"
base_url = "{nobody}"
login_url = "{nobody}"
""")
    async with demo() as (process, url), page(url) as opened:
        await changed(opened, "genesys")
        process.send_signal(signal.SIGTERM)
        await live(opened, "no connection")
        await process.wait()
        async with served("serve", "-c", str(config), port=int(url.rstrip("/").rpartition(":")[2])):
            await live(opened)
            await until(opened, "() => document.querySelectorAll('.tile').length === 0")


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not here: make test-browser gets it (CCSTATS_AXE)")
async def test_axe_finds_nothing_serious_at_any_size_in_light_and_dark() -> None:
    axe = await asyncio.to_thread(AXE.read_text, encoding="utf-8")
    async with demo() as (_, url):
        for scheme in ("light", "dark"):
            for size in SIZES:
                async with page(url, size=size, scheme=scheme) as opened:
                    await live(opened)
                    await changed(opened, "twilio")
                    await opened.evaluate(axe)
                    found = await opened.evaluate("axe.run()")
                    serious = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
                    assert [(one["id"], one["nodes"][0]["html"]) for one in serious] == []
                    assert found["passes"]
                    wide = await opened.evaluate("document.documentElement.scrollWidth - innerWidth")
                    assert wide <= 0, f"{size} scrolls sideways"


async def test_names_are_text_whatever_is_in_them(serve: Any, vendor: Any) -> None:
    hostile = "<img src=x onerror=document.title='taken'>"
    vendor["acme"].targets = [hostile]
    async with serve() as served, page(f"{served.url}/") as opened:
        await opened.wait_for_selector("#queues .tile")
        assert await opened.locator(".tile .name").inner_text() == f"Queue {hostile}"
        assert (await opened.locator("img").count(), await opened.title()) == (0, "Queues")


async def test_the_reason_of_a_gap_is_shown_on_focus_and_goes_with_escape(serve: Any) -> None:
    async with serve() as served, page(f"{served.url}/") as opened:
        await opened.wait_for_selector("#queues .gap")
        assert not await opened.locator("#why").is_visible()
        await opened.locator("#queues .gap").first.focus()
        assert await opened.locator("#why").is_visible()
        assert len(await opened.locator("#why").inner_text()) > 10
        await opened.keyboard.press("Escape")
        assert not await opened.locator("#why").is_visible()


async def test_the_filter_stands_in_the_address(serve: Any, vendor: Any) -> None:
    vendor["acme"].many(3)
    async with serve() as served, page(f"{served.url}/?match=q1") as opened:
        await opened.wait_for_selector("#queues .tile")
        assert await opened.locator(".tile .name").all_inner_texts() == ["Queue q1"]
        await opened.fill("#match", "q2")
        assert await opened.locator(".tile .name").all_inner_texts() == ["Queue q2"]
        assert opened.url.endswith("?match=q2")


async def test_a_token_is_asked_for_and_kept_out_of_the_address(serve: Any, canary: str) -> None:
    async with serve(token=canary) as served:
        async with page(f"{served.url}/") as opened:
            await live(opened, "a token is needed")
            await opened.fill("#token", canary)
            await opened.keyboard.press("Enter")
            await opened.wait_for_selector("#queues .tile")
        async with page(f"{served.url}/") as opened:
            await opened.goto(f"{served.url}/#token={canary}")
            await opened.reload()
            await opened.wait_for_selector("#queues .tile")
            assert "token" not in opened.url


async def test_five_hundred_queues_stay_smooth(serve: Any, vendor: Any) -> None:
    vendor["acme"].many(500)
    async with serve() as served, page(f"{served.url}/", size=(1920, 1080)) as opened:
        await until(opened, "() => document.querySelectorAll('#queues .tile').length === 500")
        await opened.evaluate(FRAMES)
        for _ in range(3):
            await served.monitor.refresh()
        newest = next(iter(served.monitor.latest().values())).realtime.waiting
        await until(opened, ALL_SHOW, str(newest))
        assert await opened.evaluate("window.longest") < 1000  # milliseconds, on a machine that the test shares
