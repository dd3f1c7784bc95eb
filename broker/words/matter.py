"""The labels of a request and its file: what is asked, about whom, by whom, why, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping

from broker.words.text import Words

CATEGORIES: Mapping[str, Words] = {
    "id": Words("naam, geboortedatum en adres", "name, date of birth and address"),
    "contact": Words("contactgegevens", "contact details"),
    "bsn": Words("burgerservicenummer", "citizen service number"),
    "gezin": Words("gezin en gezag", "household and parental authority"),
    "veiligheid": Words(
        "veiligheid (letsel, incidenten en wat iemand daarover vertelt)",
        "safety (injury, incidents, and what somebody says about them)",
    ),
    "zorg_betrokkenheid": Words(
        "contact met de zorg (afspraken en afzeggingen)", "contact with care (appointments kept and missed)"
    ),
    "gez_kern": Words(
        "gezondheid voor zover van belang voor veiligheid of opvoeding",
        "health as far as it matters for safety or parenting",
    ),
    "gez_detail": Words(
        "diagnose, medicatie en inhoud van de behandeling", "diagnosis, medication and content of treatment"
    ),
    "opvoeding": Words("opvoeding", "parenting"),
    "school": Words("school (aanwezigheid en gedrag)", "school (attendance and behaviour)"),
    "hulp_verloop": Words("verloop van de hulp", "course of the help"),
    "straf": Words("strafrechtelijke gegevens", "criminal data"),
    "seks": Words("seksueel gedrag of gerichtheid", "sexual behaviour or orientation"),
    "etn_rel": Words("afkomst of geloof", "ethnicity or religion"),
    "genetisch": Words("genetische gegevens", "genetic data"),
    "locatie_slachtoffer": Words("verblijfplaats van het slachtoffer", "whereabouts of the victim"),
    "derde": Words("gegevens over iemand anders", "data about somebody else"),
    "bron": Words("wie het heeft verteld", "who told it"),
    "werkaantekening": Words("persoonlijke werkaantekeningen", "personal working notes"),
    "opinie": Words("oordeel zonder onderbouwing", "unfounded judgement"),
    "heel_dossier": Words("het hele dossier", "the whole file"),
}

PURPOSES: Mapping[str, Words] = {
    "vt_onderzoek": Words("onderzoek door Veilig Thuis", "investigation by Veilig Thuis"),
    "vt_veiligheidsbeoordeling": Words("veiligheidsbeoordeling door Veilig Thuis", "safety assessment by Veilig Thuis"),
    "vt_advies": Words("advies van Veilig Thuis", "advice by Veilig Thuis"),
    "vt_monitoring": Words("monitoring door Veilig Thuis", "monitoring by Veilig Thuis"),
    "rvdk_bescherming": Words("beschermingsonderzoek van de Raad", "protection inquiry by the Board"),
    "rvdk_gezag_omgang": Words(
        "onderzoek naar gezag en omgang door de Raad", "custody and contact inquiry by the Board"
    ),
    "rvdk_straf": Words("strafonderzoek van de Raad", "juvenile justice inquiry by the Board"),
    "ots_uitvoering": Words("uitvoering van een ondertoezichtstelling", "carrying out a supervision order"),
    "voogdij_uitvoering": Words("uitvoering van de voogdij", "carrying out guardianship"),
    "gi_vrijwillig": Words(
        "vrijwillige hulp door een gecertificeerde instelling", "voluntary help by a certified institution"
    ),
    "behandeling": Words("behandeling", "treatment"),
    "toeleiding_jeugdhulp": Words("toeleiding naar jeugdhulp", "referral to youth help"),
    "ondersteuning_wmo": Words("ondersteuning op grond van de Wmo", "support under the Wmo"),
    "leerplicht_handhaving": Words("handhaving van de leerplicht", "enforcing compulsory education"),
    "opsporing": Words("opsporing", "criminal investigation"),
    "casusoverleg_zvh": Words("casusoverleg in het Zorg- en Veiligheidshuis", "case conference in the Safety House"),
    "casusoverleg_overig": Words("ander casusoverleg", "other case conference"),
    "vir_afstemming": Words("afstemming via de verwijsindex", "coordination through the reference index"),
    "onderzoek_statistiek": Words("wetenschappelijk onderzoek of statistiek", "research or statistics"),
    "acuut_gevaar": Words("acuut gevaar afwenden", "averting acute danger"),
}

KINDS: Mapping[str, Words] = {
    "fact": Words("feit", "fact"),
    "observation": Words("eigen waarneming", "own observation"),
    "reported_by_other": Words("gehoord van een ander", "heard from somebody else"),
    "opinion": Words("oordeel", "judgement"),
}

STATES: Mapping[str, Words] = {
    "asked": Words("gesteld", "asked"),
    "refused": Words("niet toegestaan", "refused"),
    "referred": Words("doorverwezen naar een deskundige", "referred to a specialist"),
    "delivered": Words("bezorgd, wacht op een professional", "delivered, waiting for a professional"),
    "weighing": Words("wordt gewogen", "being weighed"),
    "released": Words("beantwoord", "answered"),
    "declined": Words("afgewezen met redenen", "declined with reasons"),
}

RELATIONS: Mapping[str, Words] = {
    "child": Words("kind", "child"),
    "parent": Words("ouder", "parent"),
    "guardian": Words("voogd", "guardian"),
    "partner_of_parent": Words("partner van een ouder", "partner of a parent"),
    "adult_victim": Words("volwassen slachtoffer", "adult victim"),
    "suspected_perpetrator": Words("vermoedelijke pleger", "suspected perpetrator"),
    "sibling": Words("broer of zus", "brother or sister"),
    "other_adult": Words("andere volwassene", "other adult"),
    "reporter": Words("melder", "reporter"),
}

ORGANISATIONS: Mapping[str, Words] = {
    "veilig_thuis": Words("Veilig Thuis", "Veilig Thuis"),
    "rvdk": Words("Raad voor de Kinderbescherming", "Child Protection Board"),
    "gi": Words("gecertificeerde instelling", "certified institution"),
    "huisarts": Words("huisartsenpraktijk", "general practice"),
    "vggz": Words("volwassenen-ggz", "adult mental-health care"),
    "jgz": Words("jeugdgezondheidszorg", "youth health care"),
    "okt_jeugdhulp": Words("Ouder- en Kindteam of jeugdhulp", "Parent and Child Team or youth help"),
    "buurtteam": Words("buurtteam", "neighbourhood team"),
    "blijf_groep": Words("vrouwenopvang", "women's shelter"),
    "school": Words("school", "school"),
    "leerplicht": Words("leerplicht", "school attendance office"),
    "politie": Words("politie", "police"),
    "college": Words("gemeente", "municipality"),
    "zvh": Words("Zorg- en Veiligheidshuis", "Safety House"),
    "onderzoeker": Words("onderzoeksinstelling", "research institution"),
    "overig": Words("andere organisatie", "other organisation"),
}

CONSENTS: Mapping[str, Words] = {
    "given": Words("toestemming gegeven", "consent given"),
    "refused": Words("toestemming geweigerd", "consent refused"),
    "withdrawn": Words("toestemming ingetrokken", "consent withdrawn"),
    "expired": Words("toestemming verlopen", "consent run out"),
    "not_asked": Words("niet om toestemming gevraagd", "consent not asked"),
}

EVIDENCE: Mapping[str, Words] = {
    "given_in_person": Words("zelf van de betrokkene gehoord", "heard from the person concerned"),
    "document_seen": Words("ondertekend document gezien", "signed document seen"),
    "mitz": Words("geregistreerd in Mitz", "registered in Mitz"),
    "claimed_by_requester": Words("gezegd door de vrager", "said by the asker"),
}

DECLINED: Mapping[str, Words] = {
    "patient_interest": Words(
        "om zwaarwegende redenen in het belang van de patiënt of cliënt",
        "for weighty reasons in the interest of the patient or client",
    ),
    "nothing_known": Words("hierover is hier niets bekend", "nothing is known here about this"),
    "not_needed": Words(
        "wat hier bekend is, is niet nodig om de vraag te beantwoorden",
        "what is known here is not needed to answer the question",
    ),
    "other": Words("om een andere reden", "for another reason"),
}
"""Why the asker gets no answer, as he is told (KN-2018-6.4)."""

WEIGHINGS: Mapping[str, Words] = {
    "give": Words("geven", "give"),
    "partly": Words("deels geven", "give in part"),
    "refuse": Words("niet geven", "give nothing"),
}

FACTS: Mapping[str, Words] = {
    "case_reference": Words("nummer van de melding of zaak", "number of the report or case"),
    "vt_phase": Words("fase bij Veilig Thuis", "phase at Veilig Thuis"),
    "investigation_determined_on": Words("dag waarop tot onderzoek is besloten", "day of the decision to investigate"),
    "rvdk_task": Words("taak van de Raad", "task of the Raad"),
    "gi_role": Words("rol van de gecertificeerde instelling", "role of the certified institution"),
    "order": Words("maatregel van de rechter", "court order"),
    "zvh_case": Words("zaak van het Zorg- en Veiligheidshuis", "case of the Zorg- en Veiligheidshuis"),
    "litigation_between_parents": Words("rechtszaak tussen de ouders", "litigation between the parents"),
    "directly_involved": Words("rechtstreeks betrokken bij de hulp", "directly involved in the care"),
    "vir": Words("match in de verwijsindex", "match in the reference index"),
    "ref": Words("genoemd", "named"),
    "relation": Words("wie dit is", "who this is"),
    "age": Words("leeftijd", "age"),
    "unborn": Words("nog niet geboren", "not born yet"),
    "capable": Words("kan zelf beslissen", "can decide for himself"),
    "patient_of_responder": Words("patiënt of cliënt", "patient or client"),
    "authority": Words("wie het gezag heeft", "who has authority"),
    "source_protected": Words("wil onbekend blijven", "wants to stay unknown"),
    "informed_by_requester": Words("weet dat de vraag wordt gesteld", "knows that the question is asked"),
}
"""The facts of a case, by their name in the decision document."""

_VALUES: Mapping[str, Words] = {
    "advies": Words("advies", "advice"),
    "veiligheidsbeoordeling": Words("veiligheidsbeoordeling", "safety assessment"),
    "onderzoek": Words("onderzoek", "investigation"),
    "voorwaarden_en_vervolg": Words("voorwaarden en vervolg", "conditions and follow-up"),
    "overdracht": Words("overdracht", "handover"),
    "monitoring": Words("monitoring", "monitoring"),
    "afgesloten": Words("afgesloten", "closed"),
    "bescherming": Words("bescherming", "protection"),
    "gezag_en_omgang": Words("gezag en omgang", "custody and contact"),
    "straf": Words("strafzaak", "criminal case"),
    "adoptie_afstamming": Words("adoptie en afstamming", "adoption and parentage"),
    "toetsing": Words("toetsing", "review"),
    "ots": Words("ondertoezichtstelling", "supervision order"),
    "vots": Words("voorlopige ondertoezichtstelling", "provisional supervision order"),
    "voogdij": Words("voogdij", "guardianship"),
    "voorlopige_voogdij": Words("voorlopige voogdij", "provisional guardianship"),
    "jeugdreclassering": Words("jeugdreclassering", "juvenile probation"),
    "vrijwillig_drang": Words("vrijwillige hulp met drang", "voluntary help under pressure"),
    "geen": Words("geen", "none"),
}


def fact_words(value: object, names: Mapping[str, str]) -> Words:
    """Return the value of a fact as it stands in a sentence; `names` gives the name for a person's ref."""
    if value is None or value == []:
        return Words("niets vastgelegd", "nothing on record")
    if isinstance(value, bool):
        return Words("ja", "yes") if value else Words("nee", "no")
    if isinstance(value, list):
        told = ", ".join(names.get(one, one) for one in value)
        return Words(told, told)
    if isinstance(value, Mapping):
        kind, until = fact_words(value.get("kind", True), names), value.get("until")
        return Words(f"{kind.nl} tot {until}", f"{kind.en} until {until}") if until else kind
    told = str(value)
    return _VALUES.get(told) or RELATIONS.get(told) or Words(told, told)
