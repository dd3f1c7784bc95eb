# METADATA
# title: G3 Fase of maatregel
# description: De fase, de taak of de beschikking waarvan de bevoegdheid om te vragen afhangt, is er en loopt.
# custom: {source: "Wmo 2015 art. 4.1.1 en 5.1.6; BW 1:240, 1:255-262; Jeugdwet art. 7.3.11 lid 4"}
# schemas:
#   - input: schema["document.schema"]
package sharing.phase

import data.sharing.acute
import data.sharing.calendar
import data.sharing.facts

# METADATA
# title: Vereisten per vrager
# description: Waaraan per vrager moet zijn voldaan. Bij acuut gevaar is geen fase vereist (4.3); een verzoek met als
#   doel advies wordt om een eigen reden geweigerd (V10).
required := set() if {
	acute.applies
} else := {"DN-08"} if {
	input.requester.type == "veilig_thuis"
	input.purpose != "vt_advies"
} else := {"DN-09"} if {
	input.requester.type == "rvdk"
} else := {"DN-10", "DN-11"} if {
	input.requester.type == "gi"
	facts.row("purposes", input.purpose).orders
} else := {"DN-10"} if {
	input.requester.type == "gi"
} else := set()

_open_phases := {"onderzoek", "voorwaarden_en_vervolg"}

# METADATA
# title: Fase van Veilig Thuis
# description: Veilig Thuis beoordeelt de veiligheid, onderzoekt of stelt voorwaarden. Bij monitoring kijkt eerst een
#   persoon.
# custom: {code: DN-08, source: "Wmo 2015 art. 4.1.1 lid 2 en 5.1.6 lid 2", kind: LAW}
met contains "DN-08" if {
	input.purpose != "vt_veiligheidsbeoordeling"
	input.framework.vt_phase in _open_phases
}

met contains "DN-08" if {
	facts.asking
	input.purpose != "vt_veiligheidsbeoordeling"
	input.framework.vt_phase == "monitoring"
}

# V4: questions to decide on direct safety belong to the phase in which that is decided.
met contains "DN-08" if input.framework.vt_phase == "veiligheidsbeoordeling"

# METADATA
# title: Taak van de Raad
# description: De Raad noemt de taak waaraan hij werkt, een taak waar het doel bij hoort, en heeft zijn zaak vastgelegd.
# custom: {code: DN-09, source: "BW 1:238, 1:240", kind: LAW}
met contains "DN-09" if {
	is_string(input.framework.rvdk_task)
	_of_the_purpose(input.framework.rvdk_task)
	input.framework.case_reference
}

# Naming protection for a custody case would turn a strict ground into a wide one (4.1: never upgrade by renaming).
_of_the_purpose(_) if not facts.row("purposes", input.purpose).tasks

_of_the_purpose(task) if task in facts.row("purposes", input.purpose).tasks

# METADATA
# title: Rol van de gecertificeerde instelling
# description: Voor een maatregel is er een beschikking van die soort waarin deze instelling is genoemd; anders is een
#   rol vermeld.
# custom: {code: DN-10, source: "Jeugdwet art. 7.3.11 lid 4; BW 1:255", kind: LAW}
met contains "DN-10" if {
	not facts.row("purposes", input.purpose).orders
	is_string(input.framework.gi_role)
}

met contains "DN-10" if _named_in_the_order

_named_in_the_order if {
	orders := facts.row("purposes", input.purpose).orders
	input.framework.gi_role in orders
	input.framework.order.kind in orders
	input.framework.order.executing_organisation == input.requester.id
	input.framework.order.from <= facts.today
}

# METADATA
# title: Beschikking loopt
# description: De beschikking is niet verlopen; de einddatum hoort er niet meer bij.
# custom: {code: DN-11, source: "BW 1:258, 1:260", kind: LAW}
met contains "DN-11" if _runs

_runs if facts.today < input.framework.order.until

met contains "DN-11" if input.framework.order == null

# METADATA
# title: Maatregel loopt
# description: Een beschikking van de juiste soort is vandaag van kracht en noemt deze instelling als degene die haar
#   uitvoert.
# custom: {source: "Jeugdwet art. 7.3.11 lid 4; BW 1:255, 1:257, 1:260", kind: LAW}
order_in_force if {
	_named_in_the_order
	_runs
}

# METADATA
# description: Wat vereist is en waaraan niet is voldaan.
missing := required - met

# METADATA
# description: Waar als aan alle vereisten is voldaan.
satisfied if count(missing) == 0

# METADATA
# description: Eén weigering voor elk vereiste waaraan niet is voldaan.
refusals contains {"code": code, "person": null, "question": null} if some code in missing

# METADATA
# title: Monitoring
# description: Tijdens monitoring is er alleen een grond bij een nieuw vermoeden; eerst kijkt een privacydeskundige.
# custom: {code: ES-02, source: "law.md 5.1 preconditions", kind: CODE}
referrals contains "ES-02" if {
	facts.asking
	not acute.applies
	input.requester.type == "veilig_thuis"
	input.framework.vt_phase == "monitoring"
}

# METADATA
# title: Onderzoekstermijn overschreden
# description: Tien weken nadat tot onderzoek is besloten, moet het zijn afgesloten. De bevoegdheid eindigt niet
#   vanzelf, maar iemand moet ernaar kijken, ook als de datum onbekend is.
# custom: {code: ES-05, source: "Uitvoeringsbesluit Wmo 2015 art. 4.1.7", kind: LAW}
referrals contains "ES-05" if {
	facts.asking
	not acute.applies
	input.requester.type == "veilig_thuis"
	input.framework.vt_phase == "onderzoek"
	not _in_time
}

_in_time if {
	since := input.framework.investigation_determined_on
	since <= facts.today
	since >= calendar.days_ago(data.parameters.investigation.max_days)
}
