"""What somebody could do after a refusal, in words: a sentence for each kind of change.

In it stand `{about}`, what the change is about, and `{asked}`, who is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from broker.words.decision import EXCEPTIONS, STEPS
from broker.words.text import Words

CHANGES: Mapping[str, Words] = {
    "sign_in_stronger": Words("Meld u aan met een sterker middel.", "Sign in with a stronger means."),
    "renew_mandate": Words("Laat het mandaat verlengen.", "Have the mandate renewed."),
    "assign_to_case": Words("Laat u aan de zaak toewijzen.", "Have yourself assigned to the case."),
    "under_supervision": Words(
        "Werkt u onder toezicht van een geregistreerde collega, laat dat dan vastleggen.",
        "If you work under a registered colleague, have that put on record.",
    ),
    "authorised_colleague": Words(
        "Laat een collega met een bevoegde functie dit doen.",
        "Have a colleague whose role allows it do this.",
    ),
    "describe_nature": Words("Beschrijf de aard van de zorgen.", "Describe the nature of the concern."),
    "describe_seriousness": Words("Beschrijf de ernst van de zorgen.", "Describe the seriousness of the concern."),
    "describe_content": Words("Beschrijf de inhoud van de zorgen.", "Describe the content of the concern."),
    "explain_compelling_need": Words(
        "Kunt u echt niet zonder, licht dan toe waarom.",
        "If you really cannot do without, explain why.",
    ),
    "record_case": Words(
        "Is er een melding of zaak, vul dan het nummer in.",
        "If there is a report or case, fill in its number.",
    ),
    "record_rvdk_task": Words("Is dit de taak, leg die dan vast: {about}.", "If this is the task, record it: {about}."),
    "record_gi_role": Words("Is dit de rol, leg die dan vast: {about}.", "If this is the role, record it: {about}."),
    "record_vt_phase": Words("Is dit de fase, leg die dan vast: {about}.", "If this is the phase, record it: {about}."),
    "register_requester": Words(
        "Laat de organisatie die vraagt inschrijven.", "Have the organisation that asks registered."
    ),
    "register_responder": Words(
        "Laat de organisatie die antwoordt inschrijven.", "Have the organisation that answers registered."
    ),
    "register_organisation": Words("Laat de organisatie inschrijven.", "Have the organisation registered."),
    "connect_requester": Words("Laat de vrager aansluiten.", "Have the requester connected."),
    "connect_responder": Words("Laat de bevraagde aansluiten.", "Have the responder connected."),
    "put_in_writing": Words("Geef het antwoord schriftelijk.", "Give the answer in writing."),
    "approve_report": Words(
        "Lees het verslag van uw mondelinge antwoord en keur het goed als het klopt.",
        "Read the report of your spoken answer and approve it if it is right.",
    ),
    "give_reasons": Words("Leg de redenen van het besluit vast.", "Record the reasons for the decision."),
    "take_step": Words("{about}", "{about}"),
    "strip_number": Words("Haal het burgerservicenummer weg.", "Take out the citizen service number."),
    "ask_concretely": Words(
        "Stel vraag {about} gericht, niet naar het hele dossier.", "Ask {about} concretely, not the whole file."
    ),
    "ask_consent": Words(
        "Vraag {asked} om toestemming over {about}; wie gevraagd wordt mag weigeren, zonder nadeel.",
        "Ask {asked} for consent about {about}; whoever is asked may refuse, at no cost.",
    ),
    "see_consent": Words(
        "Vraag {about} zelf of de toestemming klopt, of bekijk het document.",
        "Ask {about} whether the consent is right, or see the document yourself.",
    ),
    "review_safety": Words(
        "Ga na of vertellen aan {about} nu nog onveilig is, en leg dat vast als het zo is.",
        "See whether telling {about} is still unsafe, and record it if so.",
    ),
    "record_reason": Words(
        "Is dit zo, leg het dan vast voor iedereen die het aangaat: {about}",
        "If this is so, record it for everybody concerned: {about}",
    ),
    "approve_separately": Words(
        "Kijk apart naar onderdeel {about} en keur het goed als het nodig is.",
        "Look at part {about} separately and approve it if it is needed.",
    ),
}


def change_words(kind: str, what: str, asked: Sequence[str] = ()) -> Words:
    """Return the sentence for a change; a step or exception stands in it in its own words."""
    about = STEPS.get(what) or EXCEPTIONS.get(what) or Words(what, what)
    said = CHANGES[kind]
    return Words(
        said.nl.format(about=about.nl, asked=" en ".join(asked)),
        said.en.format(about=about.en, asked=" and ".join(asked)),
    )
