"""The closed lists of the tables and schemas, as types. Written by `broker policy vocabulary`; change those."""

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
    "advies", "veiligheidsbeoordeling", "onderzoek", "voorwaarden_en_vervolg", "overdracht", "monitoring",
    "afgesloten",
]  # fmt: skip
RvdkTask = Literal["bescherming", "gezag_en_omgang", "straf", "adoptie_afstamming", "toetsing"]
GiRole = Literal["ots", "vots", "voogdij", "voorlopige_voogdij", "jeugdreclassering", "vrijwillig_drang", "geen"]
OrderKind = Literal["ots", "vots", "voogdij", "voorlopige_voogdij", "jeugdreclassering"]
VirRisk = Literal["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"]
ConsentStatus = Literal["given", "refused", "withdrawn", "expired", "not_asked"]
ConsentEvidence = Literal["document_seen", "given_in_person", "claimed_by_requester", "mitz"]
ExceptionCode = Literal["X1", "X2", "X3", "X4", "X5"]
WeighingOutcome = Literal["give", "partly", "refuse"]
PoliceArticle = Literal["8", "9", "10", "13-1"]
Kind = Literal["fact", "observation", "reported_by_other", "opinion"]
Stage = Literal["ask", "answer", "open"]
Side = Literal["asking", "answering"]
Assurance = Literal["low", "substantial", "high"]
Operation = Literal[
    "enrol_key", "confirm_key", "receive", "register_case", "change_case", "read_worklist", "read_inbox", "weigh",
    "decline", "read_request", "record_consent", "withdraw_consent", "read_consents", "inspect", "evaluate",
    "evaluate_colleague", "fulfil", "erase", "confirm_erasure",
]  # fmt: skip
Channel = Literal["deelgrond", "called_back", "in_person", "phone", "video", "letter", "secure_mail"]
Outcome = Literal["deny", "refer", "permit_pending", "permit_duty", "permit", "break_glass"]
Verdict = Literal["allow", "withhold", "needs_approval"]
GroundKind = Literal["duty", "right", "consent", "representative", "vital_interest", "conflict_of_duties"]
ReasonCode = Literal[
    "DN-01", "DN-02", "DN-03", "DN-04", "DN-05", "DN-06", "DN-07", "DN-08", "DN-09", "DN-10", "DN-11", "DN-12",
    "DN-13", "DN-14", "DN-15", "DN-16", "DN-17", "DN-18", "DN-19", "DN-20", "DN-21", "DN-22", "DN-23", "DN-24",
    "DN-25", "DN-26", "DN-27", "DN-28", "DN-29", "DN-30",
]  # fmt: skip
GateNumber = Literal["G0", "G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G10", "G11", "G12"]
Step = Literal["ST-01", "ST-02", "ST-03", "ST-04", "ST-05", "ST-06", "ST-07", "ST-08", "ST-09", "ST-10", "ST-11"]
DutyCode = Literal[
    "OB-01", "OB-02", "OB-03", "OB-04", "OB-05", "OB-06", "OB-07", "OB-08", "OB-09", "OB-10", "OB-11", "OB-12",
    "OB-13", "OB-14", "OB-15", "OB-02b",
]  # fmt: skip
DutyOn = Literal["requester", "responder", "broker", "controller", "privacy_officer"]
Escalation = Literal["ES-01", "ES-02", "ES-03", "ES-04", "ES-05", "ES-06", "ES-07", "ES-08", "ES-09"]
