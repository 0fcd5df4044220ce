"""`packline notification`: name a queue, see how things stand, be told what is missing."""

ARN = "arn:aws:sqs:eu-west-1:123456789012:packline"


async def test_a_queue_is_named_listed_and_forgotten(say) -> None:
    """Its key is never printed."""
    made = await say("notification", "queue", "main", "--arn", ARN, "--access-key", "AKIA", "--secret-key", "s3cret")
    assert made.code == 0
    listed = await say("notification", "queues", "--json")
    assert [(row["id"], row["region"]) for row in listed.rows] == [("main", "eu-west-1")]
    assert "s3cret" not in made.out + listed.out
    assert (await say("notification", "forget", "main")).code == 0
    assert (await say("notification", "forget", "main")).code != 0


async def test_a_queue_with_a_wrong_arn_is_refused(say) -> None:
    """With what it should look like."""
    refused = await say("notification", "queue", "main", "--arn", "main")
    assert refused.code != 0
    assert "arn:aws:sqs" in refused.err + refused.out


async def test_setup_of_an_unknown_account_says_so(say) -> None:
    """Nothing is asked of Amazon."""
    refused = await say("notification", "setup", "nobody")
    assert refused.code != 0
    assert "nobody" in refused.err + refused.out


async def test_the_status_of_an_account_without_notifications_is_wide(say) -> None:
    """And says why; its check is red with the command that mends it."""
    await say(
        "account", "add", "Acme", "--seller-id", "A1", "--region", "EU", "--marketplace", "A21TJRUUN4KGV",
        "--client-id", "c", "--client-secret", "s", "--refresh-token", "r", "--id", "acme",
    )  # fmt: skip
    (row,) = (await say("notification", "status", "acme", "--json")).rows
    assert (row["polling"], row["why"]) == ("wide", "no notifications are set up")
    checked = await say("notification", "check", "acme", "--json")
    assert checked.code != 0
    assert "packline notification setup acme" in checked.out
