# METADATA
# title: G7 Ontvanger
# description: The second key - the receiver may process the category at all.
# custom: {source: "AVG art. 9, 10; UAVG art. 22, 30-33; Wmo 2015 art. 5.1.6"}
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
# description: Ordinary data, or special data of a kind that the receiver's law lets it process.
# custom: {code: DN-15, source: "AVG art. 9, 10; UAVG art. 30, 33; Wmo 2015 art. 5.1.6", kind: LAW}
may_process contains i if {
	some i, part in facts.parts
	data.law.receivers[input.requester.type]
	not _special[part.category]
}

may_process contains i if {
	some i, part in facts.parts
	data.law.receivers[input.requester.type][_special[part.category]]
}

# METADATA
# description: Holds when at least one part may be processed.
satisfied if count(may_process) > 0

# METADATA
# description: The parts that may not.
withheld contains {"at": i, "code": "DN-15"} if {
	some i, _ in facts.parts
	not i in may_process
}
