"""`packline doctor`: everything that can be wrong, one line each, with its cure."""

from typing import TYPE_CHECKING

from packline.cli.failures import FAILED, OK, end, exit_code
from packline.cli.place import HERE, Place
from packline.errors import PacklineError

if TYPE_CHECKING:
    from packline.bootstrap import Services
    from packline.domain.findings import Finding

_MARKS = {"good": ("✓", "green"), "doubt": ("!", "yellow"), "bad": ("✗", "bold red")}


def doctor(*, place: Place = HERE) -> None:
    """Check settings, database, keys, workers and every account; each fault with its cure."""
    examine(place, None, with_house=True)


def examine(place: Place, account: str | None, *, with_house: bool) -> None:
    """Check the house, one account or all, print what was found, and end with 1 where something is wrong."""

    async def work(services: "Services") -> list["Finding"]:
        from packline.bootstrap import account_doctor
        from packline.views import credentials
        from packline.views.house_checks import told_of

        found = await _house(services) if with_house else []
        for entry in await services.accounts.accounts():
            if account in (None, entry.id):
                found += await account_doctor(services).check(entry.id)
                now = services.clock.now()
                found.append(await told_of(services.pool, now, entry.id, entry.name))
                found += await credentials.findings(services.pool, now, entry.id, f"{entry.name} ({entry.id})")
        return found or (await account_doctor(services).check(account) if account else [])

    try:
        findings = place.work(work)
    except PacklineError as error:
        from packline.domain.findings import Finding

        findings = [Finding("house", "database", "bad", error.message, error.hint)]
        _print(place, findings)
        end(exit_code(error))
    _print(place, findings)
    bad = sum(finding.state == "bad" for finding in findings)
    if not findings:
        place.printer.say("There is no account to check; `packline account add` stores one.")
    place.printer.say(f"{bad} of {len(findings)} checks failed." if bad else _verdict(findings), "bold")
    end(FAILED if bad else OK)


async def _house(services: "Services") -> list["Finding"]:
    from packline.views import house_checks

    chosen = services.settings
    kept_in = "a server of yours" if chosen.database_url else f"embedded, in {chosen.data}"
    key = None if chosen.master_key else chosen.key_path
    return await house_checks.check(services.pool, services.clock.now(), kept_in, key)


def _verdict(findings: list["Finding"]) -> str:
    doubts = sum(finding.state == "doubt" for finding in findings)
    return f"Nothing is broken; {doubts} to look at." if doubts else "All is well."


def _print(place: Place, findings: list["Finding"]) -> None:
    if place.json:
        for finding in findings:
            place.printer.line(finding._asdict())
        return
    from rich.text import Text

    about = ""
    for finding in findings:
        if finding.about != about:
            about = finding.about
            place.printer.console.print(Text(f"\n{about}", style="bold"))
        mark, style = _MARKS[finding.state]
        place.printer.console.print(Text.assemble((f"  {mark} ", style), (f"{finding.check:<22}", ""), finding.says))
        if finding.cure and finding.state != "good":
            place.printer.console.print(Text(f"      → {finding.cure}", style="dim"))
    place.printer.say("")
