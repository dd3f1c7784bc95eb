# METADATA
# title: G2 Doel
# description: One purpose that belongs to the requester's statutory task, a case on record, and the concern explained.
# custom: {source: "AVG art. 5 lid 1 b; KNMG-meldcode (KN-TR1)"}
# schemas:
#   - input: schema["document.schema"]
package sharing.purpose

import data.sharing.acute
import data.sharing.facts

# METADATA
# description: What must be met. Acute danger is its own explanation (4.3); advice is refused as advice (V10).
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
# description: The purpose is one of the requester's type, and the request stands on a case or report on record.
# custom: {code: DN-06, source: "AVG art. 5 lid 1 b; Wmo 2015 art. 5.1.6", kind: LAW}
met contains "DN-06" if {
	facts.in_force(data.law.purposes[input.purpose])
	_of_its_task
	input.framework.case_reference
}

_of_its_task if input.purpose in data.law.organisations[input.requester.type].tasks

# METADATA
# title: Zorgen toegelicht
# description: Nature, seriousness and content of the concern are explained, so that the professional can weigh.
# custom: {code: DN-07, source: "KNMG-meldcode; KN-TR1", kind: CODE}
met contains "DN-07" if {
	input.concern.nature
	input.concern.seriousness
	input.concern.content
}

# METADATA
# title: Wetenschappelijk onderzoek
# description: Research has its own routes (BW 7:458, Jeugdwet 7.3.12, Wmo 5.3.6) and none of them runs through here.
# custom: {code: DN-28, source: "BW 7:458; Jeugdwet 7.3.12; Wmo 2015 art. 5.3.6", kind: LAW}
_research if input.purpose == "onderzoek_statistiek"

# METADATA
# description: Holds when everything required is met and this is not research.
satisfied if {
	count(required - met) == 0
	not _research
}

# METADATA
# description: One refusal for each thing required and not met, and one for research.
refusals contains {"code": code, "person": null, "question": null} if some code in (required - met)

refusals contains {"code": "DN-28", "person": null, "question": null} if _research

# METADATA
# title: Onderzoek verwijzen
# description: The privacy officer knows the routes for research.
# custom: {code: ES-02, source: "law.md O14", kind: POLICY}
offered contains "ES-02" if _research
