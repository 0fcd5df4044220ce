"""createFeedDocument, createFeed, getFeed, getFeeds, cancelFeed and getFeedDocument."""

from packline_sim.call import Call, Reply, json_reply, read_plain
from packline_sim.clock import to_iso
from packline_sim.feeds import progress
from packline_sim.feeds.kinds import KINDS, RETIRED
from packline_sim.feeds.records import Feed
from packline_sim.feeds.wire import CREATE_FEED, CREATE_FEED_DOCUMENT
from packline_sim.progress import BadMove
from packline_sim.refusals import Problem, bad_request, invalid_input, not_found
from packline_sim.stored_files import UPLOAD_SECONDS, StoredFile, describe, upload_url
from packline_sim.work_lists import check_marketplaces, flag, read_filters, take_page

EMPTY = Reply(200)


def create_feed_document(call: Call) -> Reply:
    """Answer createFeedDocument with 201: an id, and an address to upload to."""
    request = read_plain(call, CREATE_FEED_DOCUMENT)
    file = call.world.files.create(call.world, call.seller.seller_id, request.content_type)
    call.world.change_seq += 1
    return json_reply({"feedDocumentId": file.document_id, "url": upload_url(call.world, file, call.base_url)}, 201)


def create_feed(call: Call) -> Reply:
    """Answer createFeed with 202: the work waits in the queue."""
    request = read_plain(call, CREATE_FEED)
    if request.feed_type not in KINDS and request.feed_type not in RETIRED:
        raise bad_request(invalid_input(request.feed_type, "feedType", "There is no such feed type."))
    check_marketplaces(call, request.marketplace_ids)
    feed = progress.create_feed(
        call.world,
        seller_id=call.seller.seller_id,
        client_id=call.client_id,
        feed_type=request.feed_type,
        marketplace_ids=tuple(request.marketplace_ids),
        document=_input(call, request.input_feed_document_id),
        options=request.feed_options or {},
    )
    return json_reply({"feedId": feed.feed_id}, 202)


def get_feed(call: Call) -> Reply:
    """Answer getFeed."""
    call.world.agenda.run_due(call.world)
    return json_reply(_body(_feed(call)))


def get_feeds(call: Call) -> Reply:
    """Answer getFeeds: the newest first, at most ninety days old."""
    call.world.agenda.run_due(call.world)
    filters = read_filters(call, "feedTypes")
    newest = reversed(call.world.feeds.values())
    page, token = take_page(call, filters, newest, lambda feed: feed.feed_id, lambda feed: feed.feed_type)
    body: dict[str, object] = {"feeds": [_body(feed) for feed in page]}
    if token is not None:
        body["nextToken"] = token
    return json_reply(body)


def cancel_feed(call: Call) -> Reply:
    """Answer cancelFeed, which works only while the feed waits."""
    call.world.agenda.run_due(call.world)
    feed = _feed(call)
    try:
        progress.cancel(call.world, feed, "cancelFeed")
    except BadMove as late:
        if call.world.switches["late_cancel"] == "400":
            raise bad_request(Problem("InvalidInput", str(late))) from None
    return EMPTY


def get_feed_document(call: Call) -> Reply:
    """Answer getFeedDocument: an address to download from."""
    file = call.world.files.get(call.ids[0], call.seller.seller_id)
    if file is None or file.drawn_for is not None:
        raise not_found("feedDocumentId", call.ids[0])
    says = flag(call, "enableContentEncodingUrlHeader")
    return json_reply(describe(call.world, file, call.base_url, name="feedDocumentId", says_encoding=says))


def _input(call: Call, document_id: str) -> StoredFile:
    world = call.world
    file = world.files.get(document_id, call.seller.seller_id)
    if file is None or file.drawn_for is not None:
        raise bad_request(invalid_input(document_id, "inputFeedDocumentId", "There is no such document."))
    if not file.used_by and world.clock.now_ms() - file.created_ms > UPLOAD_SECONDS * 1000:
        raise bad_request(invalid_input(document_id, "inputFeedDocumentId", "The document has expired."))
    if file.used_by and world.switches["feed_document_reuse"] == "400":
        raise bad_request(invalid_input(document_id, "inputFeedDocumentId", "The document was used already."))
    if file.content is None and world.switches["feed_without_upload"] == "400":
        raise bad_request(invalid_input(document_id, "inputFeedDocumentId", "Nothing was uploaded to it."))
    return file


def _feed(call: Call) -> Feed:
    feed = call.world.feeds.get(call.ids[0])
    if feed is None or feed.seller_id != call.seller.seller_id:
        raise not_found("feedId", call.ids[0])
    return feed


def _body(feed: Feed) -> dict[str, object]:
    body: dict[str, object] = {
        "feedId": feed.feed_id,
        "feedType": feed.feed_type,
        "marketplaceIds": feed.marketplace_ids,
        "createdTime": to_iso(feed.created_ms),
        "processingStatus": feed.status,
    }
    if feed.started_ms is not None:
        body["processingStartTime"] = to_iso(feed.started_ms)
    if feed.ended_ms is not None:
        body["processingEndTime"] = to_iso(feed.ended_ms)
    if feed.result_document_id is not None:
        body["resultFeedDocumentId"] = feed.result_document_id
    return body
