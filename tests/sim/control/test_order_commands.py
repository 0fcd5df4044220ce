"""`packline sim order` and `packline sim easyship`."""

import pytest

from packline_sim.control.handles import Amazon, Seller

INDIA, UAE = "A21TJRUUN4KGV", "A2VIGQ35RCS4UG"


def test_orders_have_their_verbs(run, seller: Seller) -> None:
    """Create, list, show, release, ask to cancel, cancel; what cannot be scanned is told."""
    made = run("order", "create", seller.seller_id, "--count", "2", "--line", "MUG-BLUE:3", "--line", "LAMP-CANE")
    assert [row["units"] for row in made] == [4, 4]
    first, second = (row["order_id"] for row in made)
    (pending,) = run("order", "create", seller.seller_id, "--pending-minutes", "60", "--marketplace", INDIA)
    assert pending["status"] == "Pending"
    assert run("order", "release", pending["order_id"])[0]["status"] == "Unshipped"
    assert len(run("order", "list", "--seller", seller.seller_id, "--status", "Unshipped")) == 3
    assert run("order", "request-cancel", first)[0]["status"] == "Unshipped"
    assert run("order", "cancel", first, "--by", "SELLER")[0]["status"] == "Canceled"
    assert run("order", "show", second)[0]["items"][0]["quantity"] == 3
    assert run("order", "scan", second)[0]["scanned"] is False


def test_a_label_is_cancelled_only_where_there_is_one(run, seller: Seller, capsys) -> None:
    """The command ends with the reason."""
    with pytest.raises(SystemExit):
        run("order", "cancel-label", seller.central_order("MUG-BLUE").order_id)
    assert "no label to cancel" in capsys.readouterr().err


def test_easy_ships_rules_have_their_verbs(run, seller: Seller) -> None:
    """Capabilities, windows and calendars."""
    assert any(row["country"] == "PL" and row["bulk"] for row in run("easyship", "capabilities"))
    assert run("easyship", "offer", UAE, "--no-document-feed", "--most-grams", "5000")[0]["document_feed"] is False
    first = run("easyship", "windows", seller.seller_id)[0]
    assert run("easyship", "close", seller.seller_id, first["start"])[0]["is_open"] is False
    changed = run("easyship", "calendar", seller.seller_id, "--capacity", "7", "--off-day", "2")[0]
    assert (changed["capacity"], changed["off_days"]) == (7, [2])
    assert run("easyship", "calendar", seller.seller_id)[0] == changed


def test_buyers_order_at_seller_central(run, seller: Seller, amazon: Amazon) -> None:
    """One option sends them there."""
    amazon.clock.freeze()
    run("buyers", "start", seller.seller_id, "--orders-per-minute", "30", "--seller-central")
    amazon.clock.advance(60)
    assert len(amazon.central_orders(seller_id=seller.seller_id)) > 10
    assert amazon.shipments() == []
