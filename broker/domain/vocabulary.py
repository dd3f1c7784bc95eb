"""The closed lists of the decision document, as types; a test holds them equal to the JSON Schema."""

from __future__ import annotations

from typing import Literal

Purpose = Literal[
    "vt_onderzoek", "vt_veiligheidsbeoordeling", "vt_advies", "vt_monitoring", "rvdk_bescherming", "rvdk_gezag_omgang",
    "rvdk_straf", "ots_uitvoering", "voogdij_uitvoering", "gi_vrijwillig", "behandeling", "toeleiding_jeugdhulp",
    "ondersteuning_wmo", "leerplicht_handhaving", "opsporing", "casusoverleg_zvh", "casusoverleg_overig",
    "vir_afstemming", "onderzoek_statistiek", "acuut_gevaar",
]  # fmt: skip
Category = Literal[
    "id", "contact", "bsn", "gezin", "veiligheid", "zorg_betrokkenheid", "gez_kern", "gez_detail", "opvoeding",
    "school", "hulp_verloop", "straf", "seks", "etn_rel", "genetisch", "locatie_slachtoffer", "derde", "bron",
    "werkaantekening", "opinie", "heel_dossier",
]  # fmt: skip
OrganisationType = Literal[
    "veilig_thuis", "rvdk", "gi", "huisarts", "vggz", "jgz", "okt_jeugdhulp", "buurtteam", "blijf_groep", "school",
    "leerplicht", "politie", "college", "zvh", "onderzoeker", "overig",
]  # fmt: skip
Profession = Literal[
    "arts", "psycholoog", "verpleegkundige", "pedagoog", "jeugdprofessional", "leerkracht", "leerplichtambtenaar",
    "politie", "maatschappelijk_werker", "overig",
]  # fmt: skip
Registration = Literal["big", "skj", "none"]
Relation = Literal[
    "child", "parent", "guardian", "partner_of_parent", "adult_victim", "suspected_perpetrator", "sibling",
    "other_adult", "reporter",
]  # fmt: skip
VtPhase = Literal[
    "advies", "veiligheidsbeoordeling", "onderzoek", "voorwaarden_en_vervolg", "overdracht", "monitoring", "afgesloten"
]
RvdkTask = Literal["bescherming", "gezag_en_omgang", "straf", "adoptie_afstamming", "toetsing"]
VirRisk = Literal["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"]
GiRole = Literal["ots", "vots", "voogdij", "voorlopige_voogdij", "jeugdreclassering", "vrijwillig_drang", "geen"]
OrderKind = Literal["ots", "vots", "voogdij", "voorlopige_voogdij", "jeugdreclassering"]
ConsentStatus = Literal["given", "refused", "withdrawn", "expired", "not_asked"]
ConsentEvidence = Literal["document_seen", "given_in_person", "claimed_by_requester", "mitz"]
ExceptionCode = Literal["X1", "X2", "X3", "X4", "X5"]
Step = Literal["ST-01", "ST-02", "ST-03", "ST-04", "ST-05", "ST-06", "ST-07", "ST-08", "ST-09", "ST-10", "ST-11"]
WeighingOutcome = Literal["give", "partly", "refuse"]
PoliceArticle = Literal["8", "9", "10", "13-1"]
Kind = Literal["fact", "observation", "reported_by_other", "opinion"]
Outcome = Literal["deny", "refer", "permit_pending", "permit_duty", "permit", "break_glass"]
Stage = Literal["ask", "answer", "open"]
Side = Literal["asking", "answering"]
DeclinedBecause = Literal["patient_interest", "nothing_known", "not_needed", "other"]
