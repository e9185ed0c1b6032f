"""What a first visit brings over the wire, and from whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench.shift.figures import Figure
from tests.browser import world

if TYPE_CHECKING:
    from bench.shift.stage import Stage

KB = 1_000


def weigh(stage: Stage) -> None:
    """Load the agent's page, the board and the pay page, each with an empty cache."""
    caller = world.new_caller(stage.shop)
    asked = world.ask(stage.shop, caller, sends=False)
    pages = (
        (Figure.DESK_SIZE, "agent", f"{caller.page}pay/"),
        (Figure.BOARD_SIZE, "supervisor", "/reports/now/"),
        (Figure.PAY_SIZE, "", asked.address),
    )
    for figure, username, address in pages:
        size, hosts = _load(stage, username, address)
        stage.figures.note(figure, size / KB)
        ours = urlsplit(stage.shop.house.address).netloc
        stage.figures.find(Figure.FOREIGN, sorted(hosts - {ours}))


def _load(stage: Stage, username: str, address: str) -> tuple[int, set[str]]:
    """How many bytes came over the wire, heads included, and which hosts were asked."""
    sizes: list[int] = []
    hosts: set[str] = set()
    with stage.passer_by(username) as context:
        page = context.new_page()
        wire = context.new_cdp_session(page)

        def ask(event: dict[str, Any]) -> None:
            if event["request"]["url"].startswith("http"):
                hosts.add(urlsplit(event["request"]["url"]).netloc)

        wire.on("Network.requestWillBeSent", ask)
        wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        wire.send("Network.enable")
        page.goto(address)
        # The live stream never ends; a moment after the rest everything else has come.
        page.wait_for_load_state("load")
        page.wait_for_timeout(1_500)
    return round(sum(sizes)), hosts
