/* duration.c: the parsers of syntax.h that give a number: durations and times. */
#include "core/error.h"
#include "gatewayapi/syntax.h"

enum { DURATION_PARTS = 4, DURATION_DIGITS = 5 };

/* take_digits cuts up to `max` digits off the front and says how many there were. */
static size_t take_digits(slice_t *text, size_t max, uint64_t *ret)
{
    size_t count = 0;
    uint64_t value = 0;
    while (count < max && count < text->len && text->base[count] >= '0' && text->base[count] <= '9')
        value = value * 10 + (uint64_t)(text->base[count++] - '0');
    *text = slice_sub(*text, count, text->len);
    *ret = value;
    return count;
}

/* take_unit cuts a unit off the front and gives its milliseconds, or 0. */
static uint64_t take_unit(slice_t *text)
{
    static const struct {
        slice_t name;
        uint64_t ms;
    } units[] = {{{"ms", 2}, 1}, {{"h", 1}, 3600000}, {{"m", 1}, 60000}, {{"s", 1}, 1000}};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (slice_starts_with(*text, units[i].name)) {
            *text = slice_sub(*text, units[i].name.len, text->len);
            return units[i].ms;
        }
    }
    return 0;
}

int duration_parse(slice_t text, uint64_t *ret_ms)
{
    uint64_t total = 0;
    for (int part = 0; part < DURATION_PARTS; part++) {
        uint64_t value;
        if (take_digits(&text, DURATION_DIGITS, &value) == 0)
            return GW_EPARSE;
        uint64_t unit = take_unit(&text);
        if (unit == 0)
            return GW_EPARSE;
        total += value * unit;
        if (text.len == 0) {
            *ret_ms = total;
            return 0;
        }
    }
    return GW_EPARSE;
}

/* take_number cuts exactly `digits` digits and, unless it is 0, the byte `end` off the front. */
static bool take_number(slice_t *text, size_t digits, char end, uint64_t max, uint64_t *ret)
{
    if (take_digits(text, digits, ret) != digits || *ret > max)
        return false;
    if (end == '\0')
        return true;
    if (text->len == 0 || slice_lower(text->base[0]) != end)
        return false;
    *text = slice_sub(*text, 1, text->len);
    return true;
}

/* take_zone reads Z or an offset and gives the offset in minutes; nothing may follow. */
static bool take_zone(slice_t text, int64_t *ret_minutes)
{
    *ret_minutes = 0;
    if (text.len == 1 && slice_lower(text.base[0]) == 'z')
        return true;
    if (text.len != 6 || (text.base[0] != '+' && text.base[0] != '-'))
        return false;
    int64_t sign = text.base[0] == '-' ? -1 : 1;
    uint64_t hours, minutes;
    text = slice_sub(text, 1, text.len);
    if (!take_number(&text, 2, ':', 23, &hours) || !take_number(&text, 2, '\0', 59, &minutes))
        return false;
    *ret_minutes = sign * (int64_t)(hours * 60 + minutes);
    return true;
}

/* days_since_1970 counts the days of the proleptic Gregorian calendar; months begin at 1. */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2; /* the year begins in March, so that the leap day is its last */
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool is_day(uint64_t year, uint64_t month, uint64_t day)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
           (month != 2 || day < 29 || leap);
}

/* take_fraction reads the fraction of a second, if there is one, in milliseconds. */
static bool take_fraction(slice_t *text, int64_t *ret_ms)
{
    *ret_ms = 0;
    if (text->len == 0 || text->base[0] != '.')
        return true;
    *text = slice_sub(*text, 1, text->len);
    uint64_t digit;
    int64_t scale = 100;
    size_t count = 0;
    for (; take_digits(text, 1, &digit) == 1; count++, scale /= 10)
        *ret_ms += (int64_t)digit * scale;
    return count > 0;
}

int time_parse(slice_t text, int64_t *ret_ms)
{
    uint64_t year, month, day, hour, minute, second;
    int64_t ms, zone;
    if (!take_number(&text, 4, '-', 9999, &year) || !take_number(&text, 2, '-', 12, &month) ||
        !take_number(&text, 2, 't', 31, &day) || !take_number(&text, 2, ':', 23, &hour) ||
        !take_number(&text, 2, ':', 59, &minute) || !take_number(&text, 2, '\0', 60, &second))
        return GW_EPARSE;
    if (!take_fraction(&text, &ms) || !take_zone(text, &zone) || !is_day(year, month, day))
        return GW_EPARSE;
    int64_t minutes =
        (days_since_1970((int64_t)year, (int64_t)month, (int64_t)day) * 24 + (int64_t)hour) * 60 +
        (int64_t)minute - zone;
    *ret_ms = (minutes * 60 + (int64_t)second) * 1000 + ms;
    return 0;
}
