#!/usr/bin/env python3
"""Writes a generated portfolio: as little-endian doubles for the benchmark's reader (Instance.swift), or, where OUT ends in
.json, in the form that `curtail dispatch plan` reads.
usage: portfolio.py FOLDER RESOURCES SEED OUT      FOLDER holds the generator, gen_dispatch.py"""
import json
import sys

import numpy as np

folder, resources, seed, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
sys.path.insert(0, folder)
import gen_dispatch as generator

d = generator.data(resources, seed)
first, end, steps = generator.S0, generator.END, generator.T
rel = np.array([0.25, 0.12, 0.10, 0.45, 0.35, 0.05])[d["cls"]]
header = [resources, d["F"], steps, first, end, generator.EV.start, generator.EV.stop, d["beta"].shape[1],
          generator.DT, generator.Z, generator.PEN, d["Reb"]]


def document():
    """The same portfolio with names and units; the margin's tangent stays where the generator has it."""
    classes = ["nonCritical", "semiCritical", "nonCritical", "deferrable", "deferrable", "nonCritical"]
    event = range(generator.EV.start, generator.EV.stop)
    after = range(generator.EV.stop, generator.EV.stop + d["beta"].shape[1])
    step = int(generator.DT * 3600)

    def limits(value, where):
        return [float(value) if t in where else None for t in range(steps)]

    resources = []
    for r in range(resources_count):
        capacity = [float(x) for x in d["mu"][r] / d["pin"][r]]
        # The tangent's variance counts the relative error of the capacity and taking part.
        resources.append({
            "name": f"resource-{r}", "feeder": f"feeder-{d['fd'][r]}", "class": classes[d["cls"][r]],
            "capacity": capacity, "relativeError": float(rel[r]), "optIn": float(d["pin"][r]),
            "energyPrice": float(d["c"][r]), "callCost": float(d["st"][r]), "comfort": float(d["wf"][r]),
            "notice": int(d["notice"][r]) * step, "minimumDuration": int(d["minup"][r]) * step,
            "maximumDuration": int(d["maxd"][r]) * step, "callsLeft": int(d["ok"][r]),
            "firstShare": float(d["rho"][r]), "rebound": [float(b * d["cap"][r]) for b in d["beta"][r]]})
    return {
        "start": "2026-07-16T16:00:00Z", "step": step, "callable": [first, end],
        "target": [float(d["D"][t]) if t in event else None for t in range(steps)],
        "deliveryProbability": 0.9, "shortfallPrice": generator.PEN, "reboundLimit": limits(d["Reb"], after),
        "marginVariance": [float(v) for v in d["V0"]],
        "feeders": [{"name": f"feeder-{f}", "shedLimit": limits(d["shedcap"][f], event),
                     "reboundLimit": limits(d["rebcap"][f], after)} for f in range(d["F"])],
        "resources": resources}


resources_count = resources
if out.endswith(".json"):
    with open(out, "w", encoding="utf-8") as file:
        json.dump(document(), file)
    sys.exit()
with open(out, "wb") as file:
    def write(*columns):
        for column in columns:
            np.ascontiguousarray(column, dtype="<f8").tofile(file)

    write(header, d["D"], d["V0"], d["shedcap"], d["rebcap"])
    write(d["cls"], d["fd"], d["notice"], d["minup"], d["maxd"], d["ok"])
    write(d["rho"], d["c"], d["st"], d["wf"], d["pin"], d["cap"], rel, d["beta"])
    write(d["mu"][:, first:end], d["var"][:, first:end])
