"""The page in a real browser: buyer, carrier and SmartHub by buttons, time, trouble, keys, themes, 360 px to 4K."""

import re
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from packline_sim.control.handles import Amazon, Seller
from packline_sim.page.rooms import ROOMS, Room

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: the page was not looked at"
)
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM HERE: the simulator's page was not tested in a browser"),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Open Debian's Chromium once."""
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def shown(browser: "Browser", amazon: Amazon) -> "Iterator[Page]":
    """Give a page at the simulator; what the browser complains of fails the test."""
    context = browser.new_context(base_url=amazon.url, viewport={"width": 1400, "height": 900})
    made = context.new_page()
    complaints: list[str] = []
    made.on("pageerror", lambda error: complaints.append(str(error)))
    made.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield made
    context.close()
    expected = ("400", "404", "409", "422", "503", "ERR_FAILED")  # what a test makes of its own will
    assert [one for one in complaints if not any(code in one for code in expected)] == []


def expect(locator: Any) -> Any:
    """Wait for what is claimed, ten seconds at most."""
    playwright.expect.set_options(timeout=10_000)
    return playwright.expect(locator)


def test_one_is_the_buyer_smarthub_and_the_carrier(shown: "Page", amazon: Amazon, seller: Seller) -> None:
    """Order, then take the shipment to the buyer's door with one button after another, without loading the page."""
    shown.goto("/_sim/")
    shown.get_by_label("What kind").select_option("SELLER_FLEX")
    shown.get_by_label("Product").select_option("MUG-BLUE")
    shown.get_by_role("button", name="Order", exact=True).click()
    expect(shown.get_by_text("Ordered: ")).to_be_visible()
    shipment = amazon.shipments()[0]
    shown.goto("/_sim/page/shipments")
    row = shown.locator(f'tr[data-row="{shipment.shipment_id}"]')
    for button, status in (
        ("Confirm", "Confirmed"), ("Pack", "Packed"), ("Label", "Labelled"), ("Ship", "Shipped"),
        ("Deliver", "Delivered"),
    ):  # fmt: skip
        row.get_by_role("button", name=button).click()
        expect(row.locator(".status").first).to_have_text(status)
    amazon.check()


def test_time_stands_still_goes_on_and_leaps(shown: "Page", amazon: Amazon) -> None:
    """Freeze, go on, faster, an hour later; each is told and shown."""
    shown.goto("/_sim/")
    shown.get_by_role("button", name="Freeze").click()
    expect(shown.get_by_text("frozen")).to_be_visible()
    before = amazon.clock.now
    shown.get_by_role("button", name="+1 h").click()
    expect(shown.get_by_text("1 h later")).to_be_visible()
    assert (amazon.clock.now - before).total_seconds() == 3600
    shown.get_by_role("button", name="×60", exact=True).click()
    expect(shown.locator(".pace")).to_have_text("× 60")
    shown.keyboard.press("f")
    expect(shown.locator(".pace")).to_have_text("frozen")


def test_what_amazon_refuses_stays_until_it_was_seen(shown: "Page", amazon: Amazon, seller: Seller) -> None:
    """A button that comes too late says why, and goes only when somebody says so."""
    order = seller.order("MUG-BLUE")
    shown.goto("/_sim/page/shipments")
    button = shown.locator(f'tr[data-row="{order.shipment_id}"]').get_by_role("button", name="Cancel")
    button.hover()
    shown.route("**/_sim/page/shipments", lambda route: route.abort())  # the page learns nothing more by itself
    order.cancel()
    button.click()
    alert = shown.get_by_role("alert")
    expect(alert).to_contain_text("only a shipment that has not left can be cancelled")
    alert.get_by_role("button", name="Seen").click()
    expect(alert).to_have_count(0)


def test_the_world_is_seen_as_it_changes(shown: "Page", amazon: Amazon, seller: Seller) -> None:
    """What happens elsewhere appears by itself; under the pointer nothing jumps, what is new waits."""
    first = seller.order("MUG-BLUE")
    shown.goto("/_sim/page/shipments")
    row = shown.locator(f'tr[data-row="{first.shipment_id}"]')
    expect(row).to_be_visible()
    row.hover()
    second = seller.order("MUG-BLUE")
    first.cancel()
    expect(row.locator(".status").first).to_have_text("Cancelled")
    expect(shown.locator("[data-fresh]")).to_contain_text("1 new")
    assert shown.locator(f'tr[data-row="{second.shipment_id}"]').count() == 0
    shown.mouse.move(700, 20)
    expect(shown.locator(f'tr[data-row="{second.shipment_id}"]')).to_be_visible()


def test_the_focus_stays_where_it_is(shown: "Page", amazon: Amazon, seller: Seller) -> None:
    """A keyboard alone takes a shipment on: the next button has the focus when the last one is gone."""
    order = seller.order("MUG-BLUE", program="SELLER_FLEX")
    shown.goto("/_sim/page/shipments")
    row = shown.locator(f'tr[data-row="{order.shipment_id}"]')
    row.get_by_role("button", name="Confirm").focus()
    shown.keyboard.press("Enter")
    expect(row.locator(".status").first).to_have_text("Confirmed")
    expect(row.get_by_role("button", name="Pack")).to_be_focused()
    shown.keyboard.press("Enter")
    expect(row.locator(".status").first).to_have_text("Packed")


def test_what_is_seldom_wanted_is_behind_dots(shown: "Page", amazon: Amazon, seller: Seller) -> None:
    """The menu opens in the last row too and can be pressed there; Escape closes it; the list goes on."""
    order = seller.central_order("MUG-BLUE")
    seller.central_orders(3, sku="MUG-BLUE")
    shown.goto("/_sim/page/orders")
    row = shown.locator(f'tr[data-row="{order.order_id}"]')
    row.get_by_label("More").click()
    expect(row.get_by_role("button", name="Buyer Cancel")).to_be_visible()
    shown.keyboard.press("Escape")
    expect(row.get_by_role("button", name="Buyer Cancel")).to_be_hidden()
    row.get_by_label("More").click()
    row.locator(".more button").last.click()
    expect(row.locator(".status").first).to_have_text("Canceled")
    assert order.status == "Canceled"


def test_keys_lead_to_every_room(shown: "Page", amazon: Amazon) -> None:
    """g and a letter go to a room, / to its search."""
    shown.goto("/_sim/")
    for room in ROOMS[1:]:
        shown.keyboard.press("g")
        shown.keyboard.press(room.key)
        shown.wait_for_url(re.compile(f"/_sim/page/{room.name}$"))
    shown.goto("/_sim/page/shipments")
    shown.keyboard.press("/")
    expect(shown.get_by_label("Find")).to_be_focused()


def test_amazon_is_made_to_fail_and_to_work_again(shown: "Page", amazon: Amazon) -> None:
    """A click puts trouble to work, another takes it away; a switch is changed where it stands."""
    shown.goto("/_sim/page/trouble")
    shown.get_by_role("button", name="Throttle a tenth").click()
    expect(shown.locator('tr[data-row^="fault-"]')).to_have_count(1)
    shown.get_by_label("To the operation").fill("getShipment")
    shown.get_by_label("Share", exact=True).fill("0.5")
    shown.get_by_role("button", name="Put to work").click()
    expect(shown.get_by_text("50 % of them")).to_be_visible()
    shown.get_by_role("button", name="Take all away").click()
    expect(shown.get_by_text("Nothing goes wrong on purpose")).to_be_visible()
    shown.get_by_label("notification_case").select_option("pascal")
    expect(shown.get_by_text("notification_case changed")).to_be_visible()
    switches = {row["name"]: row["value"] for row in amazon.control.get("switches")["items"]}
    assert switches["notification_case"] == "pascal"


def test_queues_are_made_and_notifications_lost(shown: "Page", amazon: Amazon) -> None:
    """A queue by its form, travel by its shares."""
    shown.goto("/_sim/page/queues")
    shown.get_by_label("Name").fill("orders")
    shown.get_by_role("button", name="Make a queue").click()
    expect(shown.locator('[data-live="queues"]')).to_contain_text("arn:aws:sqs:eu-west-1:000000000000:orders")
    shown.get_by_label("Lost, share").fill("0.25")
    shown.get_by_role("button", name="Let them travel so").click()
    expect(shown.get_by_text("They travel so from now on")).to_be_visible()
    assert amazon.control.get("notifications", "delivery")["lost"] == 0.25


def test_an_empty_world_is_filled_by_a_click_and_can_be_bought_in(shown: "Page", amazon: Amazon) -> None:
    """The scenario's sellers and products stand in the form at once; what was done is still told."""
    shown.goto("/_sim/")
    expect(shown.get_by_role("button", name="Order", exact=True)).to_be_disabled()
    shown.get_by_role("button", name="Play quiet").first.click()
    expect(shown.get_by_text("Nobody sells here yet")).to_have_count(0)
    expect(shown.locator("[data-told] .toast")).to_have_count(1)
    shown.get_by_role("button", name="Order", exact=True).click()
    expect(shown.get_by_text("Ordered: ")).to_be_visible()


def test_what_another_window_does_is_seen(shown: "Page", amazon: Amazon, seller: Seller) -> None:
    """A switch, a new seller, a world that ended: the first window shows it by itself, and types on where it types."""
    order = seller.order("MUG-BLUE")
    shown.goto("/_sim/page/trouble")
    amazon.set_switches(notification_case="pascal")
    expect(shown.get_by_text("1 changed")).to_be_visible()
    expect(shown.get_by_label("notification_case")).to_have_value("pascal")
    shown.goto("/_sim/")
    shown.get_by_label("Units").fill("3")
    amazon.create_seller("Bharat")
    expect(shown.locator('[data-live="sellers"]')).to_contain_text("Bharat")
    expect(shown.get_by_label("Units")).to_have_value("3")
    shown.get_by_label("Units").blur()
    expect(shown.get_by_label("Seller").first.locator("option")).to_have_count(2)
    shown.goto(f"/_sim/page/shipments/{order.shipment_id}")
    amazon.reset()
    expect(shown.get_by_text("Nothing is here")).to_be_visible()


def test_a_rate_that_is_refused_is_not_shown_as_if_it_counted(shown: "Page", amazon: Amazon, seller: Seller) -> None:
    """What no rate can be is told and stays told; the field says again what counts."""
    amazon.start_buyers(seller, 0.01)
    shown.goto("/_sim/")
    rate = shown.get_by_label("Orders in a minute")
    for wrong in ("0", "1e9", ""):
        rate.fill(wrong)
        rate.blur()
        expect(shown.get_by_role("alert")).to_have_count(1)
        expect(rate).to_have_value("0.01")
        shown.get_by_role("button", name="Seen").click()
    rate.fill("0.02")
    rate.blur()
    expect(shown.get_by_text("Rate changed")).to_be_visible()
    expect(rate).to_have_value("0.02")


def test_what_takes_long_says_so_and_is_not_begun_twice(shown: "Page", amazon: Amazon) -> None:
    """A day with many buyers is no broken page: it is told until it is over; a second click is no second day."""
    held: list[Any] = []
    shown.route("**/_sim/clock/advance", lambda route: held.append(route))
    shown.goto("/_sim/")
    amazon.clock.freeze()
    before = amazon.clock.now
    button = shown.get_by_role("button", name="+1 day")
    button.click()
    expect(shown.get_by_text("This takes a while")).to_be_visible()
    button.click()
    held[0].continue_()
    expect(shown.get_by_text("1 day later")).to_be_visible()
    expect(shown.get_by_text("This takes a while")).to_have_count(0)
    assert len(held) == 1
    assert (amazon.clock.now - before).total_seconds() == 86_400


def test_a_page_that_is_old_says_so(shown: "Page", amazon: Amazon) -> None:
    """An answer with an error is no sign that all is well; the next good one is."""
    shown.goto("/_sim/")
    pulse = shown.locator("[data-pulse]")
    shown.route("**/_sim/", lambda route: route.fulfill(status=503, body="Away"))
    expect(pulse).to_have_attribute("data-state", "no")
    expect(pulse).to_have_attribute("title", re.compile("old"))
    shown.unroute("**/_sim/")
    expect(pulse).to_have_attribute("data-state", "yes")


def test_the_floor_is_counted(shown: "Page", amazon: Amazon, seller: Seller) -> None:
    """What is typed stays while the page looks again, and what is set is there."""
    shown.goto("/_sim/page/stock")
    field = shown.get_by_label("Units on the floor of MUG-BLUE")
    field.fill("7")
    shown.wait_for_timeout(2200)  # two looks of the page's own, which go by the browser's clock
    expect(field).to_have_value("7")
    field.press("Enter")
    expect(shown.get_by_text("MUG-BLUE counted")).to_be_visible()
    assert seller.stock("MUG-BLUE")["on_hand"] == 7


@pytest.mark.parametrize(("width", "height"), [(360, 740), (820, 1100), (1400, 900), (3840, 2160)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_room_fits_every_screen(
    browser: "Browser", amazon: Amazon, seller: Seller, width: int, height: int, scheme: str
) -> None:
    """No room scrolls sideways, from a phone to a wall."""
    order = seller.order("MUG-BLUE")
    amazon.control.post("smarthub", order.shipment_id, "work", body={"until": "ship"})
    amazon.control.post("shipments", order.shipment_id, "scan", body={"event": "DELIVERED"})
    order.send_back()
    seller.central_orders(2)
    amazon.add_fault("503", "getShipment", share=0.5)
    amazon.notifications.create_queue("told")
    context = browser.new_context(base_url=amazon.url, viewport={"width": width, "height": height}, color_scheme=scheme)
    shown = context.new_page()
    for path in ("", *(f"page/{room.name}" for room in ROOMS), f"page/shipments/{order.shipment_id}"):
        shown.goto(f"/_sim/{path}")
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} at {width} px"
    context.close()


@pytest.mark.parametrize(("scheme", "rooms"), [("light", ROOMS), ("dark", ROOMS[:2])])
def test_nothing_serious_keeps_anybody_out(
    browser: "Browser", amazon: Amazon, seller: Seller, scheme: str, rooms: tuple[Room, ...]
) -> None:
    """axe finds nothing serious in any room: names, contrast, roles."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    order = seller.order("MUG-BLUE")
    seller.central_orders(2)
    amazon.add_fault("503", "getShipment", share=0.5)
    amazon.notifications.create_queue("told")
    amazon.start_buyers(seller, 0.01)
    context = browser.new_context(base_url=amazon.url, color_scheme=scheme)
    shown = context.new_page()
    for path in ("", *(f"page/{room.name}" for room in rooms), f"page/shipments/{order.shipment_id}"):
        shown.goto(f"/_sim/{path}")
        found = axe.run(shown).response["violations"]
        serious = [
            f"{path}: {row['id']}: {row['nodes'][0]['html'][:160]}"
            for row in found
            if row["impact"] in ("serious", "critical")
        ]
        assert serious == []
    context.close()
