# METADATA
# title: G7 Ontvanger
# description: Naast een grond voor de bevraagde is vereist dat de ontvanger de categorie mag verwerken.
# custom: {source: "AVG art. 9, 10; UAVG art. 22, 30-33; Wmo 2015 art. 5.1.6"}
# schemas:
#   - input: schema["document.schema"]
package sharing.receiver

import data.sharing.facts

# METADATA
# title: Ontvanger mag verwerken
# description: De gevraagde categorieën met gewone gegevens, of met bijzondere of strafrechtelijke gegevens van een
#   soort die de ontvanger mag verwerken.
# custom: {code: DN-15, source: "AVG art. 9, 10; UAVG art. 30, 33; Wmo 2015 art. 5.1.6", kind: LAW}
may_process contains category if {
	some categories in facts.asked
	some category in categories
	_may(category)
}

_may(category) if {
	_receiver
	_special(category) == null
}

_may(category) if _receiver[_special(category)]

# What kind of special data it is; a category that the law does not know today is of no kind that anybody may process.
_special(category) := row.special if {
	row := facts.row("categories", category)
	facts.in_force(row)
}

_receiver := facts.of_type(input.requester.type, "receives")

# METADATA
# description: Waar als ten minste één onderdeel mag worden verwerkt.
satisfied if count(may_process) > 0

# METADATA
# description: Waarom dit onderdeel niet.
why(part) := set() if {
	part.category in may_process
} else := {"DN-15"}
