# METADATA
# title: G6 Grond
# description: Welke grond elk onderdeel draagt - de eerste die van toepassing is, in de volgorde van de rij in law.md
#   5.
# custom: {source: "law.md 4.1, 4.2, 5"}
# schemas:
#   - input: schema["document.schema"]
package sharing.ground

import data.sharing.acute
import data.sharing.consent
import data.sharing.exceptions
import data.sharing.facts
import data.sharing.pair
import data.sharing.phase
import data.sharing.weighing

# METADATA
# title: Onderdelen met hun grond
# description: Elk onderdeel in de volgorde waarin is gevraagd, met de grond die het draagt; null als geen grond van
#   toepassing is. Dit wordt één keer bepaald, omdat veel regels ernaar vragen.
# custom: {source: "law.md 4.1", kind: LAW}
parts := [{"part": part, "ground": _or_null(part)} | some part in facts.parts]

_or_null(part) := code if {
	code := of(part)
} else := null

# METADATA
# description: De soort van elke grond die hier een onderdeel draagt - plicht, spreekrecht of meldrecht, toestemming
#   enzovoort; null is geen grond.
kinds := {one.ground: facts.row("grounds", one.ground).kind | some one in parts}

# METADATA
# title: Grond van een onderdeel
# description: De grond die het onderdeel draagt; zonder waarde als geen grond van toepassing is.
# custom: {source: "law.md 4.1", kind: LAW}
of(part) := acute.ground if {
	acute.applies
} else := _first[part.person][part.category] if {
	necessary(part)
} else := _first_unjudged[part.person][part.category]

# The first ground that holds, and the first that holds without a judgement of the professional about the very item.
_first[ref][category] := codes[0] if {
	some ref, of_categories in _candidates
	some category, codes in of_categories
}

_first_unjudged[ref][category] := codes[0] if {
	some ref, of_categories in _candidates
	some category, held in of_categories
	codes := [code | some code in held; not code in _of_the_professional]
}

# The grounds that hold for a person and a category, in the order of the row.
_candidates[ref][category] := [ground.code |
	some ground in _of_person[ref]
	every need in ground.per_category {
		_fits(need, ref, category)
	}
] if {
	some ref, categories in facts.asked
	some category in categories
}

# The grounds whose needs are met as far as the person goes, each with what is still to be looked at per category.
_of_person[ref] := [ground |
	some ground in _of_branch[pair.branch_of[ref]]
	every need in ground.of_person {
		_met_by(need, ref)
	}
] if {
	some ref, _ in pair.row_of
}

# The same for the row as a whole: what hangs on no person is looked at once, however many persons the row is of.
_of_branch[branch] := [ground |
	some code in row.grounds
	code in _usable
	needs := {need |
		some needed in [facts.row("grounds", code).needs, object.get(row.conditions, code, [])]
		some need in needed
	}
	ground := {"code": code, "per_category": _per_category & needs, "of_person": needs - _not_of_person}
] if {
	some branch in {branch | some branch in pair.branch_of}
	row := pair.rows[branch]
}

_not_of_person := _looked_at_later | _met_here

# Per category: consent, feedback, upbringing. Per item, by the professional: necessity, and which police data it is.
_per_category := {"consent", "steps_only", "upbringing"}

_per_item := {"necessity", "police_data"}

_looked_at_later := _per_category | _per_item

_usable contains code if {
	some row in pair.rows
	some code in row.grounds
	facts.in_force(facts.row("grounds", code))
	_of_regime(facts.row("grounds", code))
}

_of_regime(ground) if ground.regimes == null

_of_regime(ground) if facts.regime in ground.regimes

_met_here contains "case" if input.framework.case_reference

_met_here contains "order" if phase.order_in_force

# METADATA
# title: Zwaarwegende noodzaak
# description: Zwaarwegende noodzaak is buiten kindermishandeling vereist voor het recht van artikel 1:240 BW,
#   uitdrukkelijk gesteld door de Raad zelf.
# custom: {source: "BW 1:240; law.md R2, KN-TR2", kind: CODE}
_met_here contains "compelling_need" if object.get(input.concern, "compelling_need", false)

_met_here contains "zvh" if input.framework.zvh_case

# METADATA
# title: Goed hulpverlenerschap
# description: Goed hulpverlenerschap kan in het casusoverleg van het Zorg- en Veiligheidshuis meebrengen dat de
#   professional spreekt; hij zegt zelf of dat zo is.
# custom: {source: "WGS art. 2.29 lid 2", kind: LAW}
_met_here contains "good_care" if facts.asking

_met_here contains "good_care" if object.get(input.weighing, "good_care", false)

_met_here contains "help_body" if input.purpose == "behandeling"

# METADATA
# title: Zelfbeschikking van het volwassen slachtoffer
# description: Zijn er geen kinderen bij betrokken, dan geldt de weigering uit vrije wil van het slachtoffer, tenzij er
#   ernstig gevaar is. De toestemming van het slachtoffer gaat voor; het recht om te spreken treedt alleen in de plaats
#   als het slachtoffer om een vastgelegde reden niet kon worden gevraagd, of onder druk weigerde.
# custom: {source: "KNMG-meldcode art. 6 lid 2 (KN-2018-6.2); law.md V3", kind: CODE}
_met_by("autonomy", ref) if {
	not pair.adult_victim(ref)
} else if {
	input.danger.grave_to_adult
} else if {
	not _refused(ref)
	consent.not_asked(ref)
	some code in exceptions.of(ref)
	facts.row("exceptions", code).instead_of_asking
} else if {
	not consent.freely_refused(ref)
	consent.refused_under_pressure(ref)
}

# METADATA
# title: Voogd als vertegenwoordiger
# description: De voogd vertegenwoordigt het kind van de maatregel als dat jonger dan 12 jaar of wilsonbekwaam is;
#   anders moet het kind zelf toestemming geven.
# custom: {source: "BW 7:465; Jeugdwet art. 7.3.15; law.md J3", kind: LAW}
_met_by("ward", ref) if {
	input.framework.order.child == ref
	is_number(facts.persons[ref].age)
	_represented(facts.persons[ref])
}

_represented(person) if person.age < 12

_represented(person) if not person.capable

# METADATA
# title: Rechtstreeks betrokken
# description: Vrager en bevraagde voeren beiden dezelfde behandeling of hulp uit en de persoon heeft geen bezwaar
#   gemaakt - de grond berust op veronderstelde toestemming.
# custom: {source: "BW 7:457 lid 2; Jeugdwet art. 7.3.11 lid 2 onder a", kind: LAW}
_met_by("same_help", ref) if {
	object.get(input.framework, "directly_involved", false)
	not consent.objected(ref)
}

# METADATA
# title: Verwijsindex
# description: Een meldingsbevoegde meldt een risico van artikel 7.1.4.1 Jeugdwet, over iemand jonger dan 23 jaar.
# custom: {source: "Jeugdwet art. 7.1.1.2, 7.1.4.1", kind: LAW}
_met_by("vir", ref) if {
	vir := object.get(input.framework, "vir", null)
	vir.authorised
	vir.risk in data.parameters.vir.risks
	is_number(facts.persons[ref].age)
	facts.persons[ref].age < data.parameters.vir.under_age
}

_fits("consent", ref, category) if category in consent.valid[ref]

# Feedback to a reporter is about steps taken, not content (Wmo 4.1.1 lid 2 g).
_fits("steps_only", _, "hulp_verloop")

# METADATA
# title: Opvoeding
# description: Over iemand die niet het kind, een ouder of een voogd is, omvat de plicht alleen wat over de opvoeding
#   gaat.
# custom: {code: DN-24, source: "Jeugdwet art. 7.3.11 lid 4; law.md J2", kind: LAW}
_fits("upbringing", _, "opvoeding")

# METADATA
# title: Noodzaak
# description: Bij het antwoord vindt de professional het gegeven relevant, dienstig, niet door een minder ingrijpend
#   middel te vervangen en evenredig. "Kan worden geacht" vraagt aannemelijkheid, geen bewijs, maar het wordt per
#   gegeven beoordeeld (HP-6).
# custom: {source: "law.md 4.2; Wmo 2015 art. 5.2.6", kind: LAW}
necessary(part) if {
	facts.asking
} else if {
	_found_necessary
	not weighing.doubted(part)
}

default _found_necessary := false

_found_necessary if {
	input.weighing.relevant
	input.weighing.contributes
	input.weighing.no_lesser_means
	input.weighing.proportionate
}

_of_the_professional contains code if {
	some code in _usable
	count({need | some need in facts.row("grounds", code).needs} & _per_item) > 0
}

# METADATA
# description: Waar als ten minste één onderdeel een grond heeft.
satisfied if {
	some one in parts
	one.ground != null
}

# METADATA
# title: Geen grond voor dit paar
# description: Niets in het recht laat toe dat deze vrager deze bevraagde voor dit doel bevraagt.
# custom: {code: DN-14, source: "BW 7:457; Jeugdwet art. 7.3.11; Wmo 2015 art. 5.3.3", kind: LAW}
refusals contains {"code": "DN-14", "person": null, "question": null} if {
	not acute.applies
	input.purpose != "onderzoek_statistiek"
	count(pair.rows) == 0
}

# METADATA
# title: Adviesfase
# description: Advies wordt gegeven zonder persoonsgegevens, dus valt er niets te vragen.
# custom: {code: DN-20, source: "Wmo 2015 art. 4.1.1 lid 3 en 5.1.6 lid 3", kind: LAW}
refusals contains {"code": "DN-20", "person": null, "question": null} if {
	not acute.applies
	input.purpose == "vt_advies"
	pair.rows.general
}

# METADATA
# title: Waarom geen grond
# description: Ingetrokken, uit vrije wil geweigerd, na afweging niet noodzakelijk, of wat de rij zegt als geen grond
#   van toepassing is.
# custom: {codes: [DN-29, DN-18, DN-15, DN-14], source: "AVG art. 7 lid 3; KN-2018-6.2; law.md 4.2, 5", kind: LAW}
why(part) := set() if {
	_speaks_elsewhere
} else := set() if {
	of(part)
} else := {"DN-29"} if {
	part.category in object.get(consent.withdrawn, part.person, set())
} else := {"DN-18"} if {
	pair.adult_victim(part.person)
	_refused(part.person)
} else := {"DN-15"} if {
	weighing.beyond_police(part)
} else := {pair.row_of[part.person].unnecessary} if {
	# There is a ground, but the professional does not find the item necessary.
	_first[part.person][part.category]
} else := {"DN-14"} if {
	_order_missing
} else := {code | some code in pair.row_of[part.person].refusals}

default _speaks_elsewhere := false

_speaks_elsewhere if input.purpose == "vt_advies"

_speaks_elsewhere if not input.framework.case_reference

_speaks_elsewhere if count(pair.rows) == 0

# The order has run out: that is reason enough (DN-11).
_speaks_elsewhere if {
	"DN-11" in phase.missing
	not "DN-10" in phase.missing
}

# Without a decision of the professional there is no saying why: that it is missing is reason enough (DN-16).
_speaks_elsewhere if {
	facts.answering
	input.weighing == null
}

default _order_missing := false

_order_missing if "DN-10" in phase.missing

_refused(ref) if {
	consent.freely_refused(ref)
} else if {
	"X5" in exceptions.of(ref)
}

# METADATA
# title: Wie er verder mee kan
# description: Weigert een rij omdat het niet over kindermishandeling gaat, omdat de plicht bij de maatregel niet voor
#   deze persoon geldt, omdat het kind zelf moet toestemmen of omdat de politie vraagt, dan wordt de opschaling van die
#   rij aangeboden.
# custom: {codes: [ES-02, ES-03], source: "law.md 5, 10", kind: POLICY}
offered contains code if {
	some part in facts.parts
	some reason in why(part)
	facts.row("reasons", reason).help_of_row
	some code in pair.row_of[part.person].escalations
}

# METADATA
# title: Plicht geweigerd
# description: Een plicht die de bevraagde weigert na te komen, gaat met de redenen op schrift naar de teamleider van de
#   gecertificeerde instelling.
# custom: {code: ES-06, source: "Jeugdwet art. 7.3.11 lid 4; law.md 10", kind: POLICY}
offered contains code if {
	input.stage == "answer"
	input.weighing.outcome == "refuse"
	some part in facts.parts
	code := facts.row("grounds", of(part)).when_refused
}
