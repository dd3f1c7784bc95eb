# METADATA
# title: G1 Vrager
# description: Wie handelt, is bekend, actief, in de juiste rol, met een geldig mandaat, en werkt aan deze zaak.
# custom: {source: "AVG art. 32; UAVG art. 30 lid 4; Uitvoeringsbesluit Wmo 2015 art. 4.1.3"}
# schemas:
#   - input: schema["document.schema"]
package sharing.requester

import data.sharing.acute
import data.sharing.facts

# METADATA
# title: Vereisten
# description: Waaraan moet zijn voldaan. Bij acuut gevaar hoeft nog niemand aan de zaak te werken (4.3); wie er
#   handelt, telt nog steeds.
required := {"DN-01", "DN-02", "DN-03", "DN-04"} if {
	acute.applies
} else := {"DN-01", "DN-02", "DN-03", "DN-04", "DN-05"}

# METADATA
# title: Voldoende zeker aangemeld
# description: De persoon is aangemeld met een betrouwbaarheidsniveau dat de beheerder aanvaardt (eIDAS).
# custom: {code: DN-01, source: "AVG art. 32; NEN 7513", kind: LAW}
met contains "DN-01" if input.actor.assurance in data.parameters.assurance

# METADATA
# title: Organisaties bekend en actief
# description: Beide organisaties zijn ingeschreven en actief.
# custom: {code: DN-02, source: "AVG art. 32", kind: LAW}
met contains "DN-02" if {
	input.requester.active
	input.responder.active
}

# METADATA
# title: Rol past bij het doel
# description: De rol mag voor deze organisatie vragen, en waar het recht een geregistreerde professional verlangt, is
#   die er.
# custom: {code: DN-03, source: "Uitvoeringsbesluit Wmo 2015 art. 4.1.3", kind: LAW}
met contains "DN-03" if {
	_two_sides
	input.stage in {"ask", "open"}
	input.actor.role in facts.of_type(input.requester.type, "asks").roles
	_registered
}

# METADATA
# title: Rol mag antwoorden
# description: Bij het antwoord handelt een professional, niet de administratie.
# custom: {code: DN-03, source: "BW 7:453; law.md G9", kind: POLICY}
met contains "DN-03" if {
	_two_sides
	input.stage == "answer"
	input.actor.role in data.parameters.roles.answering
}

# METADATA
# title: Twee kanten
# description: Wie vraagt, handelt voor de vragende kant en wie antwoordt voor de antwoordende kant; geen organisatie
#   bevraagt zichzelf.
# custom: {code: DN-03, source: "BW 7:457; Wmo 2015 art. 5.2.6", kind: LAW}
_two_sides if {
	facts.side == facts.side_of_stage
	input.requester.id != input.responder.id
}

# METADATA
# title: Mandaat geldig
# description: Het mandaat geldt vandaag; de einddatum hoort er niet meer bij.
# custom: {code: DN-04, source: "AVG art. 32", kind: LAW}
met contains "DN-04" if {
	input.actor.mandate.from <= facts.today
	facts.today < input.actor.mandate.until
}

# METADATA
# title: Op de zaak
# description: De persoon is aan deze zaak toegewezen, of heeft dit verzoek opgepakt.
# custom: {code: DN-05, source: "AVG art. 32", kind: LAW}
met contains "DN-05" if input.actor.assigned_to_case

_registered if not input.requester.type in data.parameters.registered_requesters

_registered if input.actor.registration != "none"

_registered if input.actor.supervised_by_registered

# METADATA
# description: Waar als aan alle vereisten is voldaan.
satisfied if count(required - met) == 0

# METADATA
# description: Eén weigering voor elk vereiste waaraan niet is voldaan.
refusals contains {"code": code, "person": null, "question": null} if some code in (required - met)
