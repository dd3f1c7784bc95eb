# METADATA
# title: G7 Ontvanger
# description: The second key - the receiver may process the category at all.
# custom: {source: "AVG art. 9, 10; UAVG art. 22, 30-33; Wmo 2015 art. 5.1.6"}
# schemas:
#   - input: schema["document.schema"]
package sharing.receiver

import data.sharing.facts

# METADATA
# title: Ontvanger mag verwerken
# description: The categories asked that are ordinary data, or special data of a kind that the receiver may process.
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
	row := data.law.categories[category]
	facts.in_force(row)
}

_receiver := facts.of_type(input.requester.type, "receives")

# METADATA
# description: Holds when at least one part may be processed.
satisfied if count(may_process) > 0

# METADATA
# description: Why not this part.
why(part) := set() if {
	part.category in may_process
} else := {"DN-15"}
