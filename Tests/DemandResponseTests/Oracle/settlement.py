"""An independent settlement: baselines by days and pay, from the same stored inputs, in plain Python.

Reads {"terms": [document], "sites": [{"terms": place, "inputs": inputs}]} on standard input and writes one result for
each site. Written from the rules'
descriptions, not from the program: it shares nothing with it but the form of its input.
"""
import json
import sys
from bisect import bisect_right
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

EPOCH = date(1970, 1, 1)


class Refused(Exception):
    pass


class Clock:
    def __init__(self, zone):
        self.base = zone["initialOffset"]["seconds"]
        steps = sorted((t["at"]["secondsSinceEpoch"], t["offset"]["seconds"]) for t in zone["transitions"])
        self.at = [step[0] for step in steps]
        self.offsets = [step[1] for step in steps]

    def offset(self, second):
        place = bisect_right(self.at, second)
        return self.offsets[place - 1] if place else self.base

    def local(self, second):
        wall = second + self.offset(second)
        return EPOCH + timedelta(days=wall // 86400), wall % 86400

    def shows(self, day, seconds):
        """Whether the clock shows this time on this day: not in the hour that spring skips."""
        wall = (day - EPOCH).days * 86400 + seconds
        candidates = {wall - self.offset(wall + shift) for shift in (-86400, 0, 86400)}
        return any(second + self.offset(second) == wall for second in candidates)


class Site:
    def __init__(self, inputs, options):
        self.clock = Clock(inputs["zone"])
        self.step = inputs["step"]["seconds"]
        self.first = inputs["first"]["secondsSinceEpoch"]
        self.energies = inputs["energies"]
        self.start = inputs["window"]["start"]["secondsSinceEpoch"]
        self.end = inputs["window"]["end"]["secondsSinceEpoch"]
        self.day, self.start_of_day = self.clock.local(self.start)
        self.holidays = {self.as_date(d) for d in options["holidays"]}
        self.shunned = {self.as_date(d) for d in inputs["eventDays"] + inputs["outageDays"]}
        self.loads = {}
        for index, energy in enumerate(self.energies):
            if energy is None:
                continue
            day, time = self.clock.local(self.first + index * self.step)
            self.loads.setdefault(day, {}).setdefault(time // self.step, []).append(energy * 3600 / self.step)
        self.slots = [self.clock.local(t)[1] // self.step for t in range(self.start, self.end, self.step)]

    @staticmethod
    def as_date(day):
        return EPOCH + timedelta(days=day["daysSinceEpoch"])

    def load(self, day, slot):
        values = self.loads.get(day, {}).get(slot)
        return sum(values) / len(values) if values else None

    def is_business(self, day):
        return day.weekday() < 5 and day not in self.holidays

    def is_whole(self, day):
        return all(
            self.load(day, slot) is not None
            for slot in range(86400 // self.step)
            if self.clock.shows(day, slot * self.step)
        )

    def is_fit(self, day, like):
        return (
            like(day)
            and day not in self.shunned
            and all(self.clock.shows(day, slot * self.step) for slot in self.slots)
            and day in self.loads
            and self.is_whole(day)
        )

    def days(self, back, like=None, first=1):
        kind = self.is_business(self.day)
        like = like or (lambda day: self.is_business(day) == kind)
        candidates = (self.day - timedelta(days=n) for n in range(first, back + 1))
        return [day for day in candidates if self.is_fit(day, like)]

    def mean(self, day):
        return sum(self.load(day, slot) for slot in self.slots) / len(self.slots)

    def profile(self, days, slot):
        values = [value for value in (self.load(day, slot) for day in days) if value is not None]
        if not values:
            raise Refused("nothing to average")
        return sum(values) / len(values)

    def window(self, hours_from, hours_to):
        """Actual and expected load of the event day's window; none with a gap or before midnight."""
        times = range(self.start - hours_from * 3600, self.start - hours_to * 3600, self.step)
        places = [self.clock.local(t) for t in times]
        if any(day != self.day for day, _ in places):
            return None
        slots = [time // self.step for _, time in places]
        actual = [self.load(self.day, slot) for slot in slots]
        return None if None in actual else (slots, actual)

    def factor(self, days, hours, clamp):
        window = self.window(*hours)
        if window is None:
            return 1.0
        slots, actual = window
        expected = sum(self.profile(days, slot) for slot in slots)
        if expected <= 0:
            return 1.0
        return min(max(sum(actual) / expected, clamp[0]), clamp[1])


def highest(site, days, count):
    return sorted(days, key=lambda day: (site.mean(day), day), reverse=True)[:count]


def caiso(site, high, clamp):
    business = site.is_business(site.day)
    days = site.days(45)[: 10 if business else 4]
    if len(days) < (5 if business else 4):
        raise Refused("too few days")
    if high:
        days = highest(site, days, 5 if business else 4)
    return days, site.factor(days, (4, 1), clamp), 0.0


def ercot(site):
    days = site.days(60)[:10]
    if len(days) < 3:
        raise Refused("too few days")

    def daily(day):
        values = [site.load(day, slot) for slot in range(86400 // site.step)]
        for place, value in enumerate(values):
            if value is None:  # the hour that spring skips: a straight line
                left = max(i for i in range(place) if values[i] is not None)
                right = min(i for i in range(place, len(values)) if site.load(day, i) is not None)
                low, high = site.load(day, left), site.load(day, right)
                left = max(i for i in range(place) if site.load(day, i) is not None)
                low = site.load(day, left)
                values[place] = low + (high - low) * (place - left) / (right - left)
        return sum(values) / len(values)

    ranked = sorted(days, key=lambda day: (daily(day), -(day - EPOCH).days))[1:-1]
    return ranked, site.factor(ranked, (3, 1), (0.5, 1.5)), 0.0


def pjm(site):
    def kind(day):
        if site.is_business(day):
            return 0
        return 1 if day.weekday() == 5 and day not in site.holidays else 2

    business = site.is_business(site.day)
    wanted, high = (5, 4) if business else (3, 2)
    days = site.days(45, lambda day: kind(day) == kind(site.day))
    while True:
        chosen = days[:wanted]
        level = sum(site.mean(day) for day in chosen) / max(1, len(chosen))
        low = [day for day in chosen if site.mean(day) < 0.25 * level]
        if not low:
            break
        days = [day for day in days if day not in low]
    if len(days) < wanted:
        raise Refused("too few days")
    days = highest(site, days[:wanted], high)
    window = site.window(4, 1)
    if window is None:
        return days, 1.0, 0.0
    slots, actual = window
    expected = sum(site.profile(days, slot) for slot in slots)
    return days, 1.0, (sum(actual) - expected) / len(actual)


def three_weekdays(site):
    days = site.days(30, site.is_business)[:3]
    if len(days) < 3:
        raise Refused("too few days")
    return days, 1.0, 0.0


RULES = {
    "caiso-10-of-10": lambda site: caiso(site, False, (0.8, 1.2)),
    "caiso-10-of-10-unadjusted": lambda site: (caiso(site, False, (1, 1))[0], 1.0, 0.0),
    "caiso-5-of-10": lambda site: caiso(site, True, (0.6, 1.4)),
    "ercot-8-of-10": ercot,
    "pjm-4-of-5": pjm,
    "three-weekdays": three_weekdays,
}


def baseline(site, rules):
    for rule in rules:
        try:
            days, factor, shift = RULES[rule["id"]](site)
        except Refused:
            continue
        powers = [site.profile(days, slot) * factor for slot in site.slots]
        if rule["id"] == "pjm-4-of-5" and site.window(4, 1) is not None:
            powers = [max(0.0, power + shift) for power in powers]
        return rule["id"], days, [power * site.step / 3600 for power in powers]
    raise Refused("no rule has enough days")


def whole(value):
    return int(Decimal(value).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def intervals(site, inputs, base, options):
    """Each interval's reduction in whole Wh (none where nothing counts), its actual, and the unrounded sum."""
    reductions, actuals, exact = [], [], 0.0
    for place, energy in enumerate(base):
        index = (site.start - site.first) // site.step + place
        actual = site.energies[index] if 0 <= index < len(site.energies) else None
        quality = inputs["qualities"].get(str(index))
        if quality == "suspect" or (quality == "estimated" and not options["acceptsEstimates"]):
            actual = None
        actuals.append(None if actual is None else whole(actual))
        if actual is None:
            reductions.append(None)
            continue
        floor = energy if options["mayExport"] else max(0.0, energy)
        reductions.append(whole(floor) - whole(actual))
        exact += floor - actual
    return reductions, actuals, exact


def curve(segments, performance):
    fitting = [s for s in segments if s["from"] <= performance]
    return fitting[-1]["offset"] + fitting[-1]["slope"] * performance if fitting else 0.0


def tier(options, past):
    latest = [event["performance"] for event in past][-options["tierEvents"] :]
    if not latest:
        return 1_000_000
    mean = sum(latest) / len(latest)
    reached = [t for t in options["tiers"] if t["from"] <= mean]
    return max(reached, key=lambda t: t["from"])["multiplierMicros"] if reached else 1_000_000


# Millionths per kWh times Wh: 1e-7 cents.
def priced(micros, watt_hours):
    return Fraction(micros * watt_hours, 10_000_000)


def pay(site, inputs, base, terms):
    options, payment = terms["options"], terms["payment"]
    reductions, actuals, exact = intervals(site, inputs, base, options)
    if inputs["participation"] == "optedOutInTime":
        return "excluded", 0
    measured = [r for r in reductions if r is not None]
    if len(measured) < terms["leastMeasuredShare"] * len(base):
        return "waiting", 0
    takes_part = inputs["participation"] == "optedIn"
    hours = len(base) * site.step / 3600
    pledge = inputs["pledge"]
    counted = [0 if r is None or abs(r) < options["deadband"] else r for r in reductions]

    def excess():
        allowed = whole(pledge * site.step / 3600)
        return sum(max(0, (actual or 0) - allowed) for actual in actuals)

    # What took part earns.
    earned, is_energy, factor = Fraction(0), True, sum(measured) / (pledge * hours)
    pool = 0
    if "energy" in payment:
        energy = payment["energy"]
        lowest = -whole(energy["floor"]["excess"]["upTo"]["value"]) if "excess" in energy["floor"] else 0
        paid = max(sum(counted), lowest)
        if energy.get("cap") is not None:
            paid = min(paid, whole(energy["cap"] * pledge * hours))
        earned = priced(energy["price"]["micros"], paid)
    elif "market" in payment:
        market = payment["market"]
        for price, reduction in zip(inputs["priceMicros"], counted):
            if price > 0 and price >= market["leastPrice"]["micros"]:
                earned += priced(price, reduction) * Fraction(market["shareMicros"], 1_000_000)
        earned = max(earned, Fraction(0))
    elif "firmServiceLevel" in payment:
        is_energy = False
        earned = -priced(payment["firmServiceLevel"]["excessPrice"]["micros"], excess())
        factor = max(0.0, 1 - excess() / (pledge * hours))
    elif "pool" in payment:
        # One site alone has all of it as soon as it reduced anything.
        is_energy = False
        pool = payment["pool"]["budget"]["minorUnits"] if sum(counted) > 0 else 0
    else:
        factor = exact / (pledge * hours)
        full = Fraction(payment["nomination"]["ratePerKilowatt"]["minorUnits"]) * Fraction(pledge) / 1000
        earned = full if factor > 1 else max(Fraction(0), Fraction(factor) * full)
    if not takes_part:
        earned, factor, pool = Fraction(0), 0.0, 0

    total = earned
    if takes_part and is_energy:
        total += earned * Fraction(tier(options, inputs["past"]) - 1_000_000, 1_000_000)
    if options.get("capacity"):
        performance = min(max(factor, 0.0), terms["highestPerformance"])
        share = curve(options["capacity"]["curve"]["segments"], performance)
        total += Fraction(share) * options["capacity"]["ratePerKilowatt"]["minorUnits"] * Fraction(pledge) / 1000
    if options.get("mostPaid"):
        total = min(total, Fraction(options["mostPaid"]["minorUnits"]))
    if options.get("leastPaid"):
        total = max(total, Fraction(options["leastPaid"]["minorUnits"]))
    total += pool
    sign = -1 if total < 0 else 1
    return "settled", sign * int(abs(total) + Fraction(1, 2))


def settle(inputs, terms):
    site = Site(inputs, terms["options"])
    try:
        rule, days, base = baseline(site, terms["baselineRules"])
    except Refused:
        return {"state": "refused"}
    state, cents = pay(site, inputs, base, terms)
    return {"state": state, "rule": rule, "days": [str(day) for day in days], "baseline": base, "cents": cents}


def main():
    request = json.load(sys.stdin)
    results = [settle(site["inputs"], request["terms"][site["terms"]]) for site in request["sites"]]
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
