# METADATA
# title: G7 Ontvanger
# description: The second key - the receiver may process the category at all.
# custom: {source: "AVG art. 9, 10; UAVG art. 22, 30-33; Wmo 2015 art. 5.1.6"}
# schemas:
#   - input: schema["document.schema"]
package sharing.receiver

import data.sharing.facts

_special := {
	"zorg_betrokkenheid": "health",
	"gez_kern": "health",
	"gez_detail": "health",
	"straf": "criminal",
	"seks": "sexual",
}

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
	not _special[category]
}

_may(category) if _receiver[_special[category]]

_receiver := row if {
	row := data.law.receivers[input.requester.type]
	facts.in_force(row)
}

# METADATA
# description: Holds when at least one part may be processed.
satisfied if count(may_process) > 0

# METADATA
# description: Why not this part.
why(part) := set() if {
	part.category in may_process
} else := {"DN-15"}
