# METADATA
# title: The fixture of the AuthZEN 1.0 certification scenario
# description: Two users, two records, three actions, and the eight decisions that the scenario prescribes (1.4).
package interop.record

subjects := {"alice": {}, "bob": {"role": "admin"}}

records := {"record-1": {"status": "active"}, "record-2": {"status": "archived"}}

default decision := false

decision if {
	input.action.name == "read"
	_known
}

decision if {
	input.action.name == "write"
	_known
	input.subject.id == "alice"
	_status == "active"
}

decision if {
	input.action.name == "write"
	_known
	_role == "admin"
	_status == "archived"
}

decision if {
	input.action.name == "delete"
	_known
	input.subject.id == "alice"
	input.action.properties.soft == true
}

known := {
	"subject": {"user": [id | some id, _ in subjects]},
	"resource": {"record": [id | some id, _ in records]},
	"action": ["read", "write", "delete"],
}

_known if {
	input.subject.type == "user"
	subjects[input.subject.id]
	input.resource.type == "record"
	records[input.resource.id]
}

_role := object.union(subjects[input.subject.id], input.subject.properties).role

_status := object.union(records[input.resource.id], input.resource.properties).status
