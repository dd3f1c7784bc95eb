# METADATA
# title: Kalender
# description: Whole days between dates. Terms in weeks, months and years are not reckoned here but by the gate.
# custom: {source: "https://howardhinnant.github.io/date_algorithms.html#days_from_civil"}
package sharing.calendar

# METADATA
# description: The number of days from 1970-01-01 to an ISO date, by the proleptic Gregorian calendar.
days(date) := ((era * 146097) + day_of_era) - 719468 if {
	month := to_number(trim_left(substring(date, 5, 2), "0"))
	day := to_number(trim_left(substring(date, 8, 2), "0"))
	year := to_number(trim_left(substring(date, 0, 4), "0")) - _before_march(month)
	era := floor(year / 400)
	year_of_era := year - (era * 400)
	day_of_year := (floor(((153 * _month_from_march(month)) + 2) / 5) + day) - 1
	day_of_era := (((year_of_era * 365) + floor(year_of_era / 4)) - floor(year_of_era / 100)) + day_of_year
}

_before_march(month) := 1 if {
	month <= 2
} else := 0

_month_from_march(month) := month - 3 if {
	month > 2
} else := month + 9
