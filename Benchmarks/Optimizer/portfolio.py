#!/usr/bin/env python3
"""Writes a generated portfolio as little-endian doubles, for the benchmark's reader (Instance.swift).
usage: portfolio.py FOLDER RESOURCES SEED OUT      FOLDER holds the generator, gen_dispatch.py"""
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
with open(out, "wb") as file:
    def write(*columns):
        for column in columns:
            np.ascontiguousarray(column, dtype="<f8").tofile(file)

    write(header, d["D"], d["V0"], d["shedcap"], d["rebcap"])
    write(d["cls"], d["fd"], d["notice"], d["minup"], d["maxd"], d["ok"])
    write(d["rho"], d["c"], d["st"], d["wf"], d["pin"], d["cap"], rel, d["beta"])
    write(d["mu"][:, first:end], d["var"][:, first:end])
