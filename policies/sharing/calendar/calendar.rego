# METADATA
# title: Kalender
# description: De datum een aantal dagen voor of na een andere. Termijnen in weken, maanden en jaren rekent Deelgrond
#   uit, buiten deze regels.
# custom: {source: "https://howardhinnant.github.io/date_algorithms.html"}
# schemas:
#   - input: schema["document.schema"]
package sharing.calendar

import data.sharing.facts

# METADATA
# description: De ISO-datum een aantal dagen voor de peildatum van het recht.
days_ago(count) := days_after(facts.today, 0 - count)

# METADATA
# description: De ISO-datum een aantal dagen na een andere, volgens de proleptische gregoriaanse kalender.
days_after(date, count) := _date(_day_number(date) + count)

# METADATA
# description: De hele seconden van 1970-01-01 tot een tijdstip in UTC, zoals de documenten dat schrijven.
seconds(moment) := (days * 86400) + time if {
	days := _day_number(substring(moment, 0, 10))
	time := _seconds_of_day(substring(moment, 11, 8))
}

_seconds_of_day(time) := ((hours * 3600) + (minutes * 60)) + rest if {
	hours := _two_digits(time, 0)
	minutes := _two_digits(time, 3)
	rest := _two_digits(time, 6)
}

# to_number takes no number with a nought in front.
_two_digits(text, at) := (tens * 10) + ones if {
	tens := to_number(substring(text, at, 1))
	ones := to_number(substring(text, at + 1, 1))
}

# The number of days from 1970-01-01 (days_from_civil).
_day_number(date) := ((era * 146097) + day_of_era) - 719468 if {
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

# The date of a day number (civil_from_days).
_date(number) := concat("-", [_digits(year, 4), _digits(month, 2), _digits(day, 2)]) if {
	days := number + 719468
	era := floor(days / 146097)
	day_of_era := days - (era * 146097)
	leap_days := (floor(day_of_era / 1460) - floor(day_of_era / 36524)) + floor(day_of_era / 146096)
	year_of_era := floor((day_of_era - leap_days) / 365)
	day_of_year := day_of_era - (((year_of_era * 365) + floor(year_of_era / 4)) - floor(year_of_era / 100))
	month_from_march := floor(((5 * day_of_year) + 2) / 153)
	day := (day_of_year - floor(((153 * month_from_march) + 2) / 5)) + 1
	month := _month(month_from_march)
	year := (year_of_era + (era * 400)) + _before_march(month)
}

_month(from_march) := from_march + 3 if {
	from_march < 10
} else := from_march - 9

_digits(number, width) := substring(padded, count(padded) - width, width) if {
	padded := concat("", ["000", format_int(number, 10)])
}
