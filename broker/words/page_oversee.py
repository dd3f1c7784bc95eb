"""The words of the privacy officer's pages: decisions, one decision with its proof, and figures."""

from __future__ import annotations

from collections.abc import Mapping

from broker.words.text import Words

OVERSEE: Mapping[str, Words] = {
    "oversee.title": Words("Besluiten", "Decisions"),
    "oversee.lead": Words(
        "Elk besluit over een vraag van of aan uw organisatie. Dat u hier kijkt, wordt vastgelegd.",
        "Every decision on a request of or to your organisation. That you look here is recorded.",
    ),
    "oversee.waiting": Words("Wat op u wacht", "What waits for you"),
    "oversee.waiting_lead": Words(
        "Uw eigen taken, en die van collega’s waarvan de termijn voorbij is.",
        "Your own duties, and those of colleagues whose term has passed.",
    ),
    "oversee.outcome": Words("Uitkomst", "Outcome"),
    "oversee.stage": Words("Moment", "Stage"),
    "oversee.reason": Words("Reden", "Reason"),
    "oversee.since": Words("Vanaf", "From"),
    "oversee.until": Words("Tot en met", "Up to and including"),
    "oversee.any": Words("Alle", "All"),
    "oversee.search": Words("Toon", "Show"),
    "oversee.when": Words("Wanneer", "When"),
    "oversee.between": Words("Tussen wie", "Between whom"),
    "oversee.none": Words("Geen besluiten gevonden.", "No decisions found."),
    "decision.title": Words("Eén besluit", "One decision"),
    "decision.lead": Words("{asker} vraagt, {responder} antwoordt.", "{asker} asks, {responder} answers."),
    "decision.outcome": Words("Wat er is besloten", "What was decided"),
    "decision.parts": Words("Per onderdeel", "Part by part"),
    "decision.proof": Words("Bewijs", "Proof"),
    "decision.facts": Words("De feiten van toen", "The facts of then"),
    "decision.facts_lead": Words(
        "Dit is alles wat het beleid wist. Namen en teksten horen daar niet bij.",
        "This is all that the policy knew. Names and texts are no part of it.",
    ),
    "decision.whole": Words("Het hele besluit, voor programma's", "The whole decision, for programs"),
    "decision.others": Words("Andere besluiten over deze vraag", "Other decisions on this request"),
    "proof.lead": Words(
        "Uw browser rekent zelf na of dit besluit in het logboek staat, op deze plek en met deze feiten. U hoeft de "
        "server niet te geloven.",
        "Your browser itself works out whether this decision is in the log, in this place and with these facts. You "
        "need not believe the server.",
    ),
    "proof.key": Words("Sleutel van het logboek", "Key of the log"),
    "proof.key_hint": Words(
        "Deze krijgt u van de beheerder, niet van deze pagina. Uw browser onthoudt hem.",
        "You have this from the operator, not from this page. Your browser remembers it.",
    ),
    "proof.verify": Words("Controleer", "Verify"),
    "proof.no_script": Words(
        "Controleren gebeurt in uw browser. Zet JavaScript aan, of gebruik `broker verify`.",
        "Verifying happens in your browser. Turn on JavaScript, or use `broker verify`.",
    ),
    "proof.good": Words(
        "Het klopt: dit besluit staat in het ondertekende logboek, met deze feiten en deze uitkomst.",
        "It holds: this decision is in the signed log, with these facts and this outcome.",
    ),
    "proof.waiting": Words(
        "Het logboek is nog niet zo ver. Laad de pagina over een minuut opnieuw.",
        "The log is not that far yet. Load the page again in a minute.",
    ),
    "proof.none": Words(
        "Dit besluit staat niet in het logboek. Waarschuw de beheerder.",
        "This decision is not in the log. Warn the operator.",
    ),
    "proof.other": Words(
        "De feiten op deze pagina zijn niet die van het logboek. Waarschuw de beheerder.",
        "The facts on this page are not those of the log. Warn the operator.",
    ),
    "proof.no_key": Words("Vul eerst de sleutel van het logboek in.", "Fill in the key of the log first."),
    "replay.lead": Words(
        "U kunt het besluit ook opnieuw laten nemen, op de feiten van toen.",
        "You can also have the decision made again, on the facts of then.",
    ),
    "replay.do": Words("Neem het besluit opnieuw", "Make the decision again"),
    "replay.same": Words("Opnieuw genomen geeft hetzelfde besluit.", "Made again, it gives the same decision."),
    "replay.other": Words(
        "Opnieuw genomen geeft een ander besluit. Waarschuw de beheerder.",
        "Made again, it gives another decision. Warn the operator.",
    ),
    "fact.yes": Words("ja", "yes"),
    "fact.no": Words("nee", "no"),
    "fact.when": Words("Wanneer", "When"),
    "fact.stage": Words("Moment", "Stage"),
    "fact.who": Words("Wie", "Who"),
    "fact.other_side": Words("van de andere organisatie", "of the other organisation"),
    "fact.actor": Words("{role} ({staff})", "{role} ({staff})"),
    "fact.assurance": Words("Zekerheid van het aanmelden", "Assurance of the sign-in"),
    "fact.law": Words("Recht van", "Law of"),
    "fact.policy": Words("Beleid", "Policy"),
    "fact.asker": Words("Vrager", "Asker"),
    "fact.responder": Words("Bevraagde", "Asked"),
    "fact.purpose": Words("Doel", "Purpose"),
    "fact.mandate": Words("Mandaat", "Mandate"),
    "fact.assigned": Words("Aan de zaak toegewezen", "Assigned to the case"),
    "fact.nature": Words("Aard van de zorgen beschreven", "Nature of the concern described"),
    "fact.seriousness": Words("Ernst beschreven", "Seriousness described"),
    "fact.content": Words("Inhoud beschreven", "Content described"),
    "fact.acute": Words("Acuut gevaar gemeld", "Acute danger reported"),
    "fact.order": Words("Maatregel van de rechter", "Court order"),
    "fact.age": Words("{age} jaar", "{age} years"),
    "fact.protected": Words("wil onbekend blijven", "wants to stay unknown"),
    "fact.exceptions": Words("Waarom iemand niet is gevraagd of verteld", "Why somebody was not asked or told"),
    "fact.weighed": Words("Besluit van de professional", "Decision of the professional"),
    "fact.reasons_given": Words("Redenen vastgelegd", "Reasons on record"),
    "figures.title": Words("Cijfers", "Figures"),
    "figures.back": Words("Naar de besluiten", "To the decisions"),
    "figures.lead": Words(
        "Vragen van en aan uw organisatie. Een aantal onder de {small} staat er niet: het kan over een bekende gaan.",
        "Requests of and to your organisation. A number below {small} is left out: it may be about somebody you know.",
    ),
    "figures.quarter": Words("Kwartaal", "Quarter"),
    "figures.quarter_of": Words("{number}e kwartaal {year}", "Quarter {number} of {year}"),
    "figures.chart": Words("Staafdiagram: {title}", "Bar chart: {title}"),
    "figures.number": Words("Aantal", "Number"),
    "figures.small": Words("minder dan {small}", "fewer than {small}"),
    "figures.months": Words("Vragen per maand", "Requests by month"),
    "figures.states": Words("Hoe het ermee staat", "How they stand"),
    "figures.waits": Words("Hoe lang een antwoord duurde", "How long an answer took"),
    "figures.refusals": Words("Waarom een vraag niet werd bezorgd", "Why a request was not delivered"),
    "figures.no_refusals": Words(
        "Elke vraag van dit kwartaal is bezorgd.", "Every request of this quarter was delivered."
    ),
    "figures.wait_day": Words("Binnen een dag", "Within a day"),
    "figures.wait_three_days": Words("Binnen drie dagen", "Within three days"),
    "figures.wait_week": Words("Binnen een week", "Within a week"),
    "figures.wait_two_weeks": Words("Binnen twee weken", "Within two weeks"),
    "figures.wait_longer": Words("Langer", "Longer"),
}
