"""The simulator's queues read by unchanged clients: aiobotocore, botocore, and the protocol that it spoke before."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import aiobotocore.session
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from contract.simulator import RunningSimulator
from packline_sim.faults import FaultRule
from packline_sim.notifications.sqs_signature import ACCESS_KEY_ID, SECRET_ACCESS_KEY

REGION = "eu-west-1"
CREDENTIALS = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": REGION}


@pytest.fixture(params=["json", "query"])
def client(simulator: RunningSimulator, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Give botocore's client, as it speaks today and as it spoke before 2023."""
    clean(simulator)
    session = botocore.session.Session()
    if request.param == "query":
        speak_query(session)
    made = session.create_client("sqs", endpoint_url=simulator.address, config=Config(retries=NO_RETRY), **CREDENTIALS)
    assert made.meta.service_model.resolved_protocol == request.param
    yield made
    made.close()


NO_RETRY = {"total_max_attempts": 1}


def clean(simulator: RunningSimulator) -> None:
    for queue in list(simulator.world.queues):
        simulator.call(simulator.world.queues.drop, queue.name)


async def waiting(simulator: RunningSimulator, queue: str, count: int) -> None:
    """Wait until so many readers wait at a queue."""
    async with asyncio.timeout(60):
        while simulator.world.bells.waiting(queue) != count:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.01)


def speak_query(session: botocore.session.Session) -> None:
    """Take today's model of the service back to the protocol that it had."""
    loader = session.get_component("data_loader")
    original = loader.load_service_model

    def older(service: str, kind: str, api_version: str | None = None) -> Any:
        model = original(service, kind, api_version)
        if service == "sqs" and kind == "service-2":
            metadata = {key: value for key, value in model["metadata"].items() if key not in ("protocols", "auth")}
            metadata |= {"protocol": "query", "xmlNamespace": "http://queue.amazonaws.com/doc/2012-11-05/"}
            return {**model, "metadata": metadata, "shapes": {**model["shapes"], **_as_in_query(model["shapes"])}}
        return model

    loader.load_service_model = older


def _as_in_query(shapes: dict[str, Any]) -> dict[str, Any]:
    """Name the members of lists and maps as the query protocol's model did."""
    lists = {
        "QueueUrlList": "QueueUrl", "AttributeNameList": "AttributeName", "MessageList": "Message",
        "MessageAttributeNameList": "MessageAttributeName", "MessageSystemAttributeList": "MessageSystemAttributeName",
        "SendMessageBatchRequestEntryList": "SendMessageBatchRequestEntry",
        "SendMessageBatchResultEntryList": "SendMessageBatchResultEntry",
        "DeleteMessageBatchRequestEntryList": "DeleteMessageBatchRequestEntry",
        "DeleteMessageBatchResultEntryList": "DeleteMessageBatchResultEntry",
        "ChangeMessageVisibilityBatchRequestEntryList": "ChangeMessageVisibilityBatchRequestEntry",
        "ChangeMessageVisibilityBatchResultEntryList": "ChangeMessageVisibilityBatchResultEntry",
        "BatchResultErrorEntryList": "BatchResultErrorEntry", "TagKeyList": "TagKey",
    }  # fmt: skip
    maps = {
        "QueueAttributeMap": ("Attribute", "Name"), "MessageSystemAttributeMap": ("Attribute", "Name"),
        "MessageBodyAttributeMap": ("MessageAttribute", "Name"), "TagMap": ("Tag", "Key"),
    }  # fmt: skip
    changed: dict[str, Any] = {}
    for name, element in lists.items():
        if name in shapes:
            changed[name] = {**shapes[name], "flattened": True}
            changed[name]["member"] = {**shapes[name]["member"], "locationName": element}
    for name, (element, key) in maps.items():
        if name in shapes:
            changed[name] = {**shapes[name], "flattened": True, "locationName": element}
            changed[name]["key"] = {**shapes[name]["key"], "locationName": key}
            changed[name]["value"] = {**shapes[name]["value"], "locationName": "Value"}
    for name, shape in shapes.items():
        if shape.get("type") != "structure":
            continue
        members = {
            field: {**member, "locationName": lists.get(member["shape"]) or maps[member["shape"]][0], "flattened": True}
            if member["shape"] in lists or member["shape"] in maps
            else member
            for field, member in shape.get("members", {}).items()
        }
        changed[name] = {**shape, "members": members}
        if name.endswith("Result"):
            changed[name]["resultWrapper"] = name
    return changed


def test_botocore_sends_receives_hides_and_deletes(client: Any) -> None:
    """The life of a message: digest, count, hidden while it is out, seen again when let go, gone when deleted."""
    url = client.create_queue(QueueName="told", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    assert client.get_queue_url(QueueName="told")["QueueUrl"] == url
    attribute = {
        "kind": {"DataType": "String", "StringValue": "test <&> ü"},
        "n": {"DataType": "Number", "StringValue": "7"},
    }
    sent = client.send_message(QueueUrl=url, MessageBody="héllo <&>", MessageAttributes=attribute)
    assert sent["MD5OfMessageBody"] == hashlib.md5("héllo <&>".encode()).hexdigest()
    first = client.receive_message(QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"][0]
    assert (first["MessageId"], first["Body"]) == (sent["MessageId"], "héllo <&>")
    assert first["MD5OfBody"] == sent["MD5OfMessageBody"]
    assert first["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert first["MessageAttributes"] == attribute
    assert first["Attributes"]["ApproximateReceiveCount"] == "1"
    assert "Messages" not in client.receive_message(QueueUrl=url)
    client.change_message_visibility(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=0)
    second = client.receive_message(QueueUrl=url, MessageSystemAttributeNames=["ApproximateReceiveCount"])["Messages"][
        0
    ]
    assert second["Attributes"] == {"ApproximateReceiveCount": "2"}
    assert second["ReceiptHandle"] != first["ReceiptHandle"]
    client.delete_message(QueueUrl=url, ReceiptHandle=second["ReceiptHandle"])
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["QueueArn"] == f"arn:aws:sqs:{REGION}:000000000000:told"
    assert (attributes["ApproximateNumberOfMessages"], attributes["VisibilityTimeout"]) == ("0", "60")


def test_botocore_works_in_batches(client: Any) -> None:
    """Ten at a time: sent, received, let go, deleted; an entry that fails is told beside those that do not."""
    url = client.create_queue(QueueName="batches")["QueueUrl"]
    entries = [{"Id": f"m{at}", "MessageBody": f"body {at}"} for at in range(10)]
    sent = client.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]
    assert [row["Id"] for row in sent] == [entry["Id"] for entry in entries]
    got = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [row["Body"] for row in got] == [entry["MessageBody"] for entry in entries]
    handles = [{"Id": str(at), "ReceiptHandle": row["ReceiptHandle"]} for at, row in enumerate(got)]
    hidden = client.change_message_visibility_batch(
        QueueUrl=url, Entries=[{**row, "VisibilityTimeout": 0} for row in handles[:3]]
    )
    assert len(hidden["Successful"]) == 3
    broken = client.delete_message_batch(QueueUrl=url, Entries=[*handles[3:9], {"Id": "x", "ReceiptHandle": "no"}])
    assert len(broken["Successful"]) == 6
    assert [(row["Id"], row["Code"], row["SenderFault"]) for row in broken["Failed"]] == [
        ("x", "ReceiptHandleIsInvalid", True)
    ]
    assert len(client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]) == 3
    client.purge_queue(QueueUrl=url)
    with pytest.raises(ClientError, match="PurgeQueueInProgress"):
        client.purge_queue(QueueUrl=url)


def test_botocore_finds_changes_tags_and_drops_queues(client: Any) -> None:
    """What is left of the service: list, attributes, tags, delete."""
    url = client.create_queue(QueueName="kept", tags={"team": "returns"})["QueueUrl"]
    assert client.list_queues()["QueueUrls"] == [url]
    assert "QueueUrls" not in client.list_queues(QueueNamePrefix="other")
    client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"})
    seen = client.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout", "QueueArn"])["Attributes"]
    assert seen == {"VisibilityTimeout": "7", "QueueArn": f"arn:aws:sqs:{REGION}:000000000000:kept"}
    client.tag_queue(QueueUrl=url, Tags={"place": "BLR1"})
    client.untag_queue(QueueUrl=url, TagKeys=["team"])
    assert client.list_queue_tags(QueueUrl=url)["Tags"] == {"place": "BLR1"}
    with pytest.raises(ClientError, match="QueueAlreadyExists"):
        client.create_queue(QueueName="kept", Attributes={"VisibilityTimeout": "8"})
    client.delete_queue(QueueUrl=url)
    with pytest.raises(ClientError, match="NonExistentQueue"):
        client.get_queue_url(QueueName="kept")


@pytest.mark.parametrize(
    ("operation", "arguments", "code"),
    [
        ("receive_message", {"MaxNumberOfMessages": 11}, "InvalidParameterValue"),
        ("receive_message", {"WaitTimeSeconds": 21}, "InvalidParameterValue"),
        ("delete_message", {"ReceiptHandle": "nonsense"}, "ReceiptHandleIsInvalid"),
        ("send_message", {"MessageBody": ""}, "MissingParameter"),
        ("send_message_batch", {"Entries": []}, "EmptyBatchRequest"),
        (
            "send_message_batch",
            {"Entries": [{"Id": "a", "MessageBody": "1"}, {"Id": "a", "MessageBody": "2"}]},
            "BatchEntryIdsNotDistinct",
        ),
        (
            "send_message_batch",
            {"Entries": [{"Id": str(at), "MessageBody": "1"} for at in range(11)]},
            "TooManyEntriesInBatchRequest",
        ),
        ("send_message_batch", {"Entries": [{"Id": "a b", "MessageBody": "1"}]}, "InvalidBatchEntryId"),
        ("set_queue_attributes", {"Attributes": {"VisibilityTimeout": "-1"}}, "InvalidParameterValue"),
        ("set_queue_attributes", {"Attributes": {"Colour": "blue"}}, "InvalidAttributeName"),
    ],
)
def test_what_a_queue_refuses_botocore_understands(
    client: Any, operation: str, arguments: dict[str, Any], code: str
) -> None:
    """Refusals arrive with the service's codes, in either protocol."""
    url = client.create_queue(QueueName="strict")["QueueUrl"]
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(QueueUrl=url, **arguments)
    assert code in refused.value.response["Error"]["Code"]
    assert refused.value.response["ResponseMetadata"]["RequestId"]


def test_an_unsigned_call_is_refused_where_signatures_are_asked_for(client: Any, simulator: RunningSimulator) -> None:
    """With the switch on present, a signed call passes and one without a signature does not."""
    simulator.call(simulator.world.switches.update, {"queue_signature": "present"})
    assert client.create_queue(QueueName="signed")["QueueUrl"]
    from botocore import UNSIGNED

    bare = botocore.session.Session().create_client(
        "sqs", endpoint_url=simulator.address, region_name=REGION, config=Config(signature_version=UNSIGNED)
    )
    with pytest.raises(ClientError, match="MissingAuthenticationToken"):
        bare.list_queues()


@pytest.mark.parametrize(
    ("key_id", "secret", "code"),
    [
        (ACCESS_KEY_ID, SECRET_ACCESS_KEY, None),
        (ACCESS_KEY_ID, "another", "SignatureDoesNotMatch"),
        ("AKIAANOTHER", SECRET_ACCESS_KEY, "InvalidClientTokenId"),
    ],
)
def test_a_signature_is_verified_where_the_switch_says_so(
    simulator: RunningSimulator, key_id: str, secret: str, code: str | None
) -> None:
    """botocore's own signature passes with the right pair, and no other does."""
    clean(simulator)
    simulator.call(simulator.world.switches.update, {"queue_signature": "verified"})
    client = botocore.session.Session().create_client(
        "sqs",
        endpoint_url=simulator.address,
        region_name=REGION,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
    )
    if code is None:
        url = client.create_queue(QueueName="signed")["QueueUrl"]
        assert client.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]
        return
    with pytest.raises(ClientError) as refused:
        client.list_queues()
    assert refused.value.response["Error"]["Code"] == code


def test_a_fault_strikes_a_queue_only_when_it_is_named(client: Any, simulator: RunningSimulator) -> None:
    """An outage of the APIs leaves queues alone; one of ReceiveMessage is told in the service's own form."""
    url = client.create_queue(QueueName="faulty")["QueueUrl"]
    world = simulator.world
    simulator.call(world.faults.add, FaultRule(kind="503"))
    try:
        assert "Messages" not in client.receive_message(QueueUrl=url)
        simulator.call(world.faults.add, FaultRule(kind="500", operations=("ReceiveMessage",)))
        with pytest.raises(ClientError) as refused:
            client.receive_message(QueueUrl=url)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
        assert refused.value.response["Error"]["Code"] == "InternalFailure"
    finally:
        simulator.call(world.faults.clear)


async def test_aiobotocore_waits_and_is_woken(simulator: RunningSimulator) -> None:
    """Readers that wait at an empty queue get what comes at once, each message one of them."""
    clean(simulator)
    session = aiobotocore.session.get_session()
    async with session.create_client("sqs", endpoint_url=simulator.address, **CREDENTIALS) as client:
        url = (await client.create_queue(QueueName="waiting"))["QueueUrl"]
        readers = [
            asyncio.create_task(client.receive_message(QueueUrl=url, WaitTimeSeconds=20, MaxNumberOfMessages=1))
            for _ in range(2)
        ]
        await waiting(simulator, "waiting", 2)
        entries = [{"Id": str(at), "MessageBody": json.dumps({"n": at})} for at in range(2)]
        await client.send_message_batch(QueueUrl=url, Entries=entries)
        answers = await asyncio.wait_for(asyncio.gather(*readers), 60)
        assert sorted(row["Body"] for answer in answers for row in answer["Messages"]) == ['{"n": 0}', '{"n": 1}']
        handles = [
            {"Id": str(at), "ReceiptHandle": answer["Messages"][0]["ReceiptHandle"]}
            for at, answer in enumerate(answers)
        ]
        assert len((await client.delete_message_batch(QueueUrl=url, Entries=handles))["Successful"]) == 2
        assert "Messages" not in await client.receive_message(QueueUrl=url, WaitTimeSeconds=1)


async def test_a_reader_that_left_takes_nothing(simulator: RunningSimulator) -> None:
    """A message that comes after a waiting reader hung up stays for the next one."""
    clean(simulator)
    session = aiobotocore.session.get_session()
    async with session.create_client("sqs", endpoint_url=simulator.address, **CREDENTIALS) as client:
        url = (await client.create_queue(QueueName="left"))["QueueUrl"]
        gone = asyncio.create_task(client.receive_message(QueueUrl=url, WaitTimeSeconds=20))
        await waiting(simulator, "left", 1)
        gone.cancel()
        await waiting(simulator, "left", 0)
        await client.send_message(QueueUrl=url, MessageBody="still here")
        got = await client.receive_message(QueueUrl=url, AttributeNames=["ApproximateReceiveCount"])
        assert got["Messages"][0]["Attributes"]["ApproximateReceiveCount"] == "1"
