# METADATA
# title: The Todo scenario of the AuthZEN interoperability events
# description: A policy that is not ours, asked through our endpoints. Who may what is as the scenario's page words it.
package interop.todo

roles := {
	"viewer": {"can_read_user", "can_read_todos"},
	"editor": {"can_read_user", "can_read_todos", "can_create_todo"},
	"admin": {"can_read_user", "can_read_todos", "can_create_todo", "can_delete_todo"},
	"evil_genius": {"can_read_user", "can_read_todos", "can_create_todo", "can_update_todo"},
}

users := {
	"CiRmZDA2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs": {
		"email": "rick@the-citadel.com",
		"roles": {"admin", "evil_genius"},
	},
	"CiRmZDE2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs": {
		"email": "morty@the-citadel.com",
		"roles": {"editor"},
	},
	"CiRmZDI2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs": {
		"email": "summer@the-smiths.com",
		"roles": {"editor"},
	},
	"CiRmZDM2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs": {
		"email": "beth@the-smiths.com",
		"roles": {"viewer"},
	},
	"CiRmZDQ2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs": {
		"email": "jerry@the-smiths.com",
		"roles": {"viewer"},
	},
}

default decision := false

decision if {
	some role in _user.roles
	input.action.name in roles[role]
}

decision if {
	input.action.name in {"can_update_todo", "can_delete_todo"}
	"editor" in _user.roles
	input.resource.properties.ownerID == _user.email
}

known := {
	"subject": {"user": [id | some id, _ in users]},
	"resource": {"todo": ["todo-1"], "user": [user.email | some user in users]},
	"action": ["can_read_user", "can_read_todos", "can_create_todo", "can_update_todo", "can_delete_todo"],
}

_user := users[input.subject.id] if input.subject.type == "user"
