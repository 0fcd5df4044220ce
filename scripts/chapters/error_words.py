"""What the errors chapter says beyond what the code says itself; a missing row stops the chapter."""

DOES: dict[str, str] = {
    "PacklineError": "Logs the failure; nothing is half written, because every write is one transaction.",
    "Invalid": "Changes nothing and calls nobody; names every wrong field at once.",
    "NotFound": "Changes nothing.",
    "Conflict": "Changes nothing.",
    "Denied": "Changes nothing; Amazon is not called.",
    "Fenced": "Drops the work; the new owner reads the same rows and goes on.",
    "Unauthenticated": "Answers before anything is read.",
    "Forbidden": "Answers before anything is changed.",
    "TooManyRequests": "Refuses the request and says in `Retry-After` when to come back.",
    "StoreAway": "Answers at once; workers wait for the database and go on, no shipment is blamed for it.",
    "ProviderAway": "Signs nobody in by the provider; sessions that are open, passwords and API keys go on.",
    "AmazonError": "Keeps the call in the call log with Amazon's request id.",
    "Rejected": "Reads the shipment where the refusal may mean that it was done before; else settles the command as "
    "rejected.",
    "Throttled": "Keeps the place in the lane, lowers the lane's level and sends the same call later.",
    "Unauthorized": "Fetches a new access token once; then pauses the account, with the reason on it.",
    "Unavailable": "Repeats with growing pauses, up to five minutes, and goes on for as long as it takes.",
    "Unresolved": "Reads the state at Amazon before anything is sent again.",
    "Unexpected": "Parks the bytes, marks the shipment and lets all others go on.",
    "DeliveryError": "Tries again for three days with growing pauses; the event stays in the feed meanwhile.",
    "Anomaly": "Puts the shipment on a person's list; nothing is guessed.",
    "ConfigError": "Does not start.",
}
"""Class of the error family -> what Packline does when it meets it."""

REASONS: dict[str, tuple[str, str]] = {
    "wrong_password": ("The name or the password is wrong.", "Ask an admin for a link to set a new password."),
    "locked": ("Too many wrong passwords in a row.", "Wait as the message says, or ask an admin to unlock the name."),
    "weak_password": ("The new password is too short, repeats itself or holds the name.", "Take a few words in a row."),
    "link_over": ("The one-time link was used, replaced, or is over.", "Ask an admin for a new one."),
    "name_taken": ("Somebody has this sign-in name, or had it once.", "Take another one; names are never given away."),
    "person_disabled": ("The person is disabled.", "Enable the person first."),
    "last_admin": ("Nobody would be left who may change people.", "Make somebody else an admin first."),
    "identity_flow": (
        "The sign-in was begun in another browser, answered already, or is over ten minutes old.",
        "Begin it again.",
    ),
    "identity_refused": ("The identity provider did not sign the person in.", "Begin it again, or ask there."),
    "identity_code": ("The identity provider does not take the code any more.", "Begin the sign-in again."),
    "identity_token": (
        "The provider's answer proves nothing: issuer, audience, time, nonce or signature is wrong.",
        "Begin it again; then compare `oidc_issuer`, `oidc_client_id` and the clocks.",
    ),
    "identity_no_role": (
        "None of the person's groups at the provider has a role here.",
        "Give one there, or map one in `oidc_roles`.",
    ),
    "identity_unknown": (
        "The provider knows the person, but nobody here is connected with that login.",
        "Open an admin's link and choose the provider there, or connect it on one's own account's page.",
    ),
    "identity_no_name": (
        "The provider gives no sign-in name that fits.",
        "Let `oidc_name_claim` name another claim.",
    ),
    "identity_taken": ("The login at the provider is another person's here.", "Disconnect that person first."),
    "erased": (
        "The document was erased with the personal data of its shipment.",
        "Nothing; `personal_data_days` says how long such data is kept after the delivery.",
    ),
    "consent_unknown": (
        "The state that Amazon led back with is not ours, was used, is another person's, or is over an hour old.",
        "Begin the consent again, and come back in the same browser.",
    ),
    "consent_refused": ("Amazon led back without a code.", "Let the seller begin again, and consent."),
    "consent_of_another_seller": (
        "Another seller was signed in at Seller Central than the one that is meant.",
        "Sign out there, sign in as the right one, and begin again.",
    ),
    "papers_unknown": (
        "Pages that a person gave to an order do not say which of its papers they are.",
        "Say whether they are its label, its invoice or its warranty.",
    ),
    "document_not_taken": ("The order cannot take the pages, for the reason that is told.", "Name another order."),
    "no_simulator": ("No simulator answers at that address.", "Start one with `packline sim serve`."),
    "simulator": ("The simulator refused what was asked of its control API.", "Look at the simulator's page."),
    "nothing_to_order": ("The simulated seller has nothing in stock.", "Put stock on the floor at its page."),
    "migration_not_begun": ("The account is in no migration.", "Begin one, or leave it as it is."),
    "migration_not_green": (
        "A check of migration day is red.",
        "Mend what the list says, or end the migration anyway.",
    ),
    "reconcile_no_list": (
        "Amazon lists no Easy Ship returns.",
        "Reconcile orders with Amazon; the returns follow from them.",
    ),
    "reconcile_no_report": (
        "Amazon makes its pending and shipped reports for Easy Ship accounts only.",
        "Give the file that was saved by hand.",
    ),
    "return_no_password": (
        "The return has no one-time password that is valid now.",
        "Ask the carrier for a new one; it comes with the next sweep.",
    ),
    "return_not_a_photo": ("The file is no photo, or too large.", "Send a JPEG, PNG, WebP or PDF of at most 15 MB."),
    "return_too_many": (
        "More units are said to have come in than are awaited.",
        "Count again; `packline stock return` takes units that Amazon knows nothing of.",
    ),
    "ambiguous": ("The order has several shipments.", "Use one of the ids that the message names."),
    "being_rejected": ("The shipment is being rejected; nothing else can follow.", "Wait for that command's outcome."),
    "busy": ("The shipment kept changing while the command was decided.", "Send the command again."),
    "cancelled": (
        "A label in the printed file must not be used any more.",
        "Print the selection again; it leaves that label out.",
    ),
    "carrier_tells": (
        "Amazon's carrier tells the delivery in this program.",
        "Nothing; the delivery arrives by itself.",
    ),
    "documents_by_call": (
        "The documents of this account come with Amazon's calls.",
        "Ask for a label again with relabel; nothing has to be dropped in.",
    ),
    "empty_file": ("The file is empty.", "Send a PDF, a ZIP or ZPL."),
    "subscribed_elsewhere": (
        "Another system is told of this seller's changes through a queue of its own.",
        "Give `replace` to have them sent here; whoever reads there hears nothing any more.",
    ),
    "file_too_large": ("The file is larger than what is read at once.", "Send it in several parts."),
    "goes_further": ("A command under way already goes further.", "Follow the ticket that the hint names."),
    "gone": ("The shipment's row is gone from the store.", "Check whether somebody removed rows by hand."),
    "handed_over": ("The parcels have left; boxes and labels are fixed.", "Ask the carrier to bring them back."),
    "idempotency_in_progress": ("The first request under this key is not answered yet.", "Send it again in a moment."),
    "idempotency_key_reused": ("The key was used for another request.", "Use a new key; a key lives 24 hours."),
    "in_flight": ("The packages of an earlier command are being sent.", "Wait for its outcome, then repack."),
    "manifest_closed": ("The manifest is closed: what it says is fixed.", "Open another one."),
    "manifest_empty": ("No parcel is on the manifest.", "Scan parcels in first."),
    "manifest_full": ("The manifest holds as many packages as it takes.", "Close it and open another one."),
    "manifest_open": ("The manifest is still open.", "Close it, then hand it over."),
    "not_on_manifest": ("The parcel is not on this manifest.", "Scan the parcel's label."),
    "on_other_manifest": ("The parcel is on another manifest.", "Take it off there first, if that one is still open."),
    "parcels_stopped": ("Parcels on the manifest must not leave any more.", "Take them out, then close it."),
    "superseded": ("The label was superseded by another one.", "Destroy it; print and scan the new one."),
    "wrong_carrier": (
        "The parcel goes with another carrier than the manifest.",
        "Put it on a manifest of its own carrier.",
    ),
    "wrong_location": (
        "The parcel leaves from another place than the manifest.",
        "Put it on a manifest of its own location.",
    ),
    "wrong_slot": ("The parcel's slot is another than the manifest's.", "Put it on a manifest of its own slot."),
    "not_found": ("No parcel has this code.", "Scan the tracking id on the label."),
    "no_label": (
        "There is no label yet, so none can be moved or handed over.",
        "Pack it first; the label comes with it.",
    ),
    "no_rescheduling": (
        "Amazon moves no slot of this shipment by API.",
        "Relabel with another slot, or change it in Seller Central.",
    ),
    "no_packages": ("There is nothing to label: the shipment is not packed.", "Pack it; the labels come with it."),
    "not_labeled": ("There is no label, and nobody asked for one.", "Relabel, put the labels on, then hand over."),
    "not_read": ("Amazon's full answer for this shipment is not here yet.", "Try again after the next intake."),
    "route_is_done": ("All parcels of this kept route have left.", "What left comes back as a return."),
    "route_is_over": (
        "The kept route, or this parcel of it, is over: done, cancelled, rejected or replaced.",
        "Look with `packline route show`; keep a new route under another reference.",
    ),
    "not_enough_stock": (
        "The ledger has fewer units there than should be taken away.",
        "Look with `packline stock show`, then count with `packline stock set`.",
    ),
    "not_a_notification": (
        "It is no notification of Amazon's that names an order or a shipment.",
        "Send it whole, as it came from the queue; or name the order itself.",
    ),
    "nothing_to_retry": (
        "The shipment has no problem to forget.",
        "Ask `packline shipment explain` what it waits for.",
    ),
    "scheduled": (
        "The order is scheduled; Amazon changes neither weight nor size any more.",
        "Reschedule for another slot; else have Amazon cancel the label, then repack.",
    ),
    "slot_by_rescheduling": (
        "Asking for a label again changes no slot of a scheduled order.",
        "Use reschedule, where the marketplace has it.",
    ),
    "size_unknown": (
        "Size and weight of a SKU are not known, and nobody measured the box.",
        "Give the package with its box, or store sizes by SKU.",
    ),
    "no_rows": ("There is no order to schedule.", "Select orders that are packed and not scheduled."),
    "paper_broken": ("The file is broken.", "Open it with a viewer; if it opens there, save it again as PDF."),
    "paper_crashed": (
        "Reading the file ended the process that reads.",
        "Save it again as PDF; others are not affected.",
    ),
    "paper_empty": ("The file, or the selection, holds no document.", "Send a file with pages, or select parcels."),
    "paper_encrypted": ("The PDF asks for a password.", "Save it without a password and send that."),
    "paper_too_large": ("The file or its archive is larger than what is read.", "Send it in several parts."),
    "paper_too_slow": ("Reading the file took too long.", "Send it in several parts."),
    "paper_unknown": ("The file is neither PDF nor ZPL nor an archive of them.", "Send a PDF, a ZIP, a tar or ZPL."),
    "paper_zpl": ("The label is ZPL, which only label printers draw.", "Print the selection as ZPL."),
    "print_over": (
        "The printed file is older than an hour, and addresses are on it.",
        "Print the selection again; its labels are marked as reprints.",
    ),
    "pickup_by_call": (
        "Pickups of this account are booked by Amazon's calls.",
        "Pack the orders; the slot is chosen and booked by itself.",
    ),
    "packages_fixed": ("Amazon fixes the number of packages once they exist.", "Keep the ids; spread the units anew."),
    "packing_invalid": ("Amazon would refuse this packing.", "Correct the fields that `errors` points at."),
    "recommendation_incomplete": ("Amazon's recommended packages lack something.", "Give the packages yourself."),
    "rejection_closed": ("Amazon takes no rejection in this status.", "Ship it, or ask the buyer to cancel."),
    "wrong_status": ("The command is not possible in this status.", "See the hint, or `packline shipment explain`."),
}
"""Reason -> (meaning, what a person can do)."""

PROBLEMS: dict[str, tuple[str, str, str]] = {
    "amazon_unavailable": (
        "One call was tried six times without success.",
        "Goes on trying, with growing pauses.",
        "If other shipments pass, give Amazon the request ids from `packline call list`.",
    ),
    "cancelled_after_handover": (
        "Amazon or the buyer cancelled a shipment whose parcel has left.",
        "Voids the labels; stock is not touched.",
        "Stop the parcel at the carrier, or await the return.",
    ),
    "impossible_move": (
        "Amazon's status changed in a way that no journey has.",
        "Keeps the status it had; calls nothing.",
        "Compare with Seller Central, then give the command that should follow.",
    ),
    "internal_error": (
        "Packline's own code failed on this shipment.",
        "Settles the command as rejected; other shipments go on.",
        "Give the command again; report the traceback if it fails again.",
    ),
    "parcel_has_left": (
        "A new label or another slot was asked for, and the carrier took the parcel first.",
        "Settles the command as rejected, and asks nobody to look; an invoice is still fetched.",
        "Nothing; a parcel on its way needs neither.",
    ),
    "label_failed": (
        "Amazon made no label for one package.",
        "Keeps the labels of the other packages; stops here.",
        "Correct the package with repack, or ask again with relabel.",
    ),
    "not_readable": (
        "Amazon does not let this account read the shipment.",
        "Stops working on it.",
        "Run `packline account doctor`; check whether the location still belongs to the seller.",
    ),
    "slot_not_offered": (
        "Amazon does not offer the shipping option that was asked for by its id.",
        "Settles the command as rejected; takes no other slot in its place.",
        "Repack or relabel with one of the options that the message names, or leave the choice to a policy.",
    ),
    "documents_by_hand": (
        "Amazon gives no documents of this order by API.",
        "Keeps the order as scheduled and waits for its file.",
        "Save the label's PDF from Seller Central and drop it in with `packline document drop`.",
    ),
    "documents_failed": (
        "Amazon made no documents, however often it was asked.",
        "Stops asking; the order stays scheduled.",
        "Ask again with relabel, or drop in the PDF from Seller Central.",
    ),
    "refused_by_amazon": (
        "Amazon refused a call, and a look at the shipment proved that nothing was done.",
        "Settles the command as rejected.",
        "Correct what Amazon names, then give the command again.",
    ),
    "rejection_closed": (
        "The shipment can no longer be rejected.",
        "Settles the rejection as rejected; the shipment stays as it is.",
        "Ship it, or ask the buyer to cancel.",
    ),
    "strange_packages": (
        "Amazon lists packages that Packline did not make.",
        "Takes them as they are.",
        "Compare the boxes at the bench with those at Amazon.",
    ),
    "unexpected_answer": (
        "Amazon's answer does not fit its own documentation.",
        "Keeps the answer's outline in the call log and probes.",
        "Report it with the request id; `retry` lets the shipment go on.",
    ),
    "unknown_status": (
        "Amazon shows a status that Packline does not know.",
        "Waits until a known one comes.",
        "Look at the shipment in Seller Central.",
    ),
}
"""Code of a problem -> (meaning, what Packline does, what a person can do)."""
