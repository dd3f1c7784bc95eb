# METADATA
# title: G8 Vastlegging van een stap
# description: Een stap telt als gezet wanneer is vastgelegd wat daarbij ten minste hoort - met wie, op welke dag, langs
#   welke weg en wat de uitkomst was. Een enkel teken is geen vastlegging.
# custom: {source: "law.md 7 (EV-02 tot EV-16); KNMG-meldcode onderdeel II"}
# schemas:
#   - input: schema["operation.schema"]
package sharing.step_record

import data.sharing.facts

# METADATA
# title: Nog niet volledig vastgelegd
# description: De stappen waarvan de vastlegging iets mist dat de tabel noemt.
# custom: {code: DN-16, source: "law.md 7", kind: CODE}
open contains step if {
	some step, record in input.records
	some field, kind in object.get(facts.row("steps", "edition").records, step, {})
	not _holds(record, field, kind)
}

# METADATA
# title: Redenen
# description: Het besluit is genomen wanneer er redenen bij staan (ST-09, EV-15).
# custom: {code: DN-16, source: "law.md 7 (EV-15)", kind: CODE}
open contains "ST-09" if input.reasons < data.parameters.record.reasons

_holds(record, field, "text") if record[field] >= data.parameters.record[field]

_holds(record, field, "day") if {
	is_string(record[field])
	record[field] <= input.today
}

_holds(record, field, channels) if record[field] in channels
