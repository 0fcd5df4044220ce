"""What must be true when a day of Easy Ship has ended: asked of the simulator's truth, one order after the other."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pypdfium2 as pdfium
import zxingcpp

from packline.bootstrap import Services
from packline.storage.sealed import opened
from packline_sim.control.handles import Amazon
from packline_sim.control.order_views import OrderSummary

_CODES = (zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.DataMatrix)
_OURS = """
select s.amazon_id, s.id, s.status, s.problem, f.reason as given_up from shipment s
left join feed_item f on f.key = s.id and f.account_id = s.account_id and f.state = 'failed'
"""
_PAPERS = """
select s.amazon_id, d.kind, d.tracking_id, c.content from shipment_document d
join shipment s on s.id = d.shipment_id join document c using (sha256) where not d.void and d.kind <> 'warranty'
    and ($1::text[] is null or s.amazon_id = any($1))
"""
_TWO = """
select s.amazon_id, d.shipment_id, d.sha256 from shipment_document d join shipment s on s.id = d.shipment_id
where d.kind = 'ship_label' and not d.void order by d.shipment_id limit 2
"""
_MIX_UP = "update shipment_document set sha256 = $3 where shipment_id = $1 and sha256 = $2"


@dataclass
class Proof:
    """What was found: how orders ended, which are on a person's list and why, and what is wrong."""

    ends: Counter[str] = field(default_factory=Counter)
    listed: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


async def prove(services: Services, sim: Amazon, only: list[str] | None = None) -> Proof:
    """Hold every order of the simulator against what Packline has of it, and read each paper by its codes."""
    proof = Proof()
    ours = {row["amazon_id"]: row for row in await services.pool.fetch(_OURS)}
    papers = await _read_papers(services, proof, only)
    for order in sim.central_orders():
        if only is not None and order.order_id not in only:
            continue
        row = ours.get(order.order_id)
        if row is None:
            proof.wrong.append(f"{order.order_id} was never taken in")
            continue
        reason = row["problem"] or row["given_up"]
        lack = _lack(order, row, papers.get(order.order_id, Counter()))
        if lack and reason:
            proof.listed[order.order_id] = f"{lack}: {reason}"
        elif lack:
            proof.wrong.append(f"{order.order_id}: {lack}")
        proof.ends["listed" if lack else row["status"]] += 1
    proof.wrong += [f"{row.rule}: {row.subject}: {row.detail}" for row in sim.invariants().violations]
    return proof


def _lack(order: OrderSummary, row: Mapping[str, object], papers: Counter[str]) -> str:
    """Say what an order lacks; "" where it is cancelled on both sides, or scheduled with its own papers in hand."""
    if order.status == "Canceled":
        return "" if row["status"] == "CANCELLED" else f"cancelled at Amazon, {row['status']} here"
    if order.tracking_id is None:
        return f"not scheduled: {order.easy_ship_status} at Amazon, {row['status']} here"
    if papers[f"label {order.tracking_id}"] != 1:
        return f"no label whose bars say {order.tracking_id}, but {dict(papers)}"
    if sum(count for paper, count in papers.items() if paper.startswith("label")) != 1:
        return f"several labels: {dict(papers)}"
    return "" if papers["invoice"] else "no invoice that names the order"


async def mix_up(services: Services) -> list[str]:
    """Give two orders each other's label, and name them: a proof that does not see this proves nothing."""
    two = await services.pool.fetch(_TWO)
    for row, other in zip(two, reversed(two), strict=True):
        await services.pool.execute(_MIX_UP, row["shipment_id"], row["sha256"], other["sha256"])
    return [row["amazon_id"] for row in two]


async def _read_papers(services: Services, proof: Proof, only: list[str] | None) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for row in await services.pool.fetch(_PAPERS, only):
        papers = found.setdefault(row["amazon_id"], Counter())
        content = opened(services.vault, row["content"])
        if row["kind"] == "invoice":
            papers["invoice"] += row["amazon_id"] in await asyncio.to_thread(_text, content)
            continue
        bars = await asyncio.to_thread(_bars, content)
        papers[f"label {row['tracking_id'] if row['tracking_id'] in bars else bars}"] += 1
        if row["amazon_id"] not in bars:
            proof.wrong.append(f"{row['amazon_id']}: its label carries the order {bars}")
    return found


def _text(content: bytes) -> str:
    with pdfium.PdfDocument(content) as pdf:
        return "".join(page.get_textpage().get_text_range() for page in pdf)


def _bars(content: bytes) -> set[str]:
    with pdfium.PdfDocument(content) as pdf:
        pictures = [page.render(scale=2, grayscale=True).to_pil() for page in pdf]
    return {code.text for picture in pictures for code in zxingcpp.read_barcodes(picture, _CODES)}
