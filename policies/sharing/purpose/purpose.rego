# METADATA
# title: G2 Doel
# description: Eén doel dat bij de wettelijke taak van de vrager hoort, een vastgelegde zaak, en toegelichte zorgen.
# custom: {source: "AVG art. 5 lid 1 b; KNMG-meldcode (KN-TR1)"}
# schemas:
#   - input: schema["document.schema"]
package sharing.purpose

import data.sharing.acute
import data.sharing.facts

# METADATA
# title: Vereisten
# description: Waaraan moet zijn voldaan. Acuut gevaar geldt zelf als toelichting (4.3); een verzoek met als doel advies
#   wordt om een eigen reden geweigerd (V10).
required := set() if {
	acute.applies
} else := {"DN-06"} if {
	input.purpose == "onderzoek_statistiek"
} else := {"DN-06", "DN-07"} if {
	not _advice
} else := set()

_advice if {
	input.purpose == "vt_advies"
	_of_its_task
}

# METADATA
# title: Doel past bij de wettelijke taak
# description: Het doel hoort bij de soort organisatie van de vrager, en het verzoek berust op een vastgelegde zaak of
#   melding.
# custom: {code: DN-06, source: "AVG art. 5 lid 1 b; Wmo 2015 art. 5.1.6", kind: LAW}
met contains "DN-06" if {
	facts.in_force(facts.row("purposes", input.purpose))
	_of_its_task
	input.framework.case_reference
}

_of_its_task if input.purpose in data.law.organisations[input.requester.type].tasks

# METADATA
# title: Zorgen toegelicht
# description: Aard, ernst en inhoud van de zorgen zijn toegelicht, zodat de professional kan afwegen.
# custom: {code: DN-07, source: "KNMG-meldcode; KN-TR1", kind: CODE}
met contains "DN-07" if {
	input.concern.nature
	input.concern.seriousness
	input.concern.content
}

# METADATA
# title: Wetenschappelijk onderzoek
# description: Wetenschappelijk onderzoek heeft eigen wegen (BW 7:458, Jeugdwet 7.3.12, Wmo 2015 5.3.6), en geen daarvan
#   loopt via Deelgrond.
# custom: {code: DN-28, source: "BW 7:458; Jeugdwet 7.3.12; Wmo 2015 art. 5.3.6", kind: LAW}
_research if input.purpose == "onderzoek_statistiek"

# METADATA
# description: Waar als aan alle vereisten is voldaan en dit geen wetenschappelijk onderzoek is.
satisfied if {
	count(required - met) == 0
	not _research
}

# METADATA
# description: Eén weigering voor elk vereiste waaraan niet is voldaan, en één voor wetenschappelijk onderzoek.
refusals contains {"code": code, "person": null, "question": null} if some code in (required - met)

refusals contains {"code": "DN-28", "person": null, "question": null} if _research

# METADATA
# title: Onderzoek verwijzen
# description: De privacy officer kent de wegen voor wetenschappelijk onderzoek.
# custom: {code: ES-02, source: "law.md O14", kind: POLICY}
offered contains "ES-02" if _research
