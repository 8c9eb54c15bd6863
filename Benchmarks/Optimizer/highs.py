#!/usr/bin/env python3
"""Solves a generated portfolio whole with HiGHS, one thread, and prints a line of JSON with CPU seconds.
usage: highs.py FOLDER RESOURCES SEED GAP SECONDS"""
import json
import sys
import time

import numpy as np

folder, resources, seed, gap, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
sys.path.insert(0, folder)
import gen_dispatch as generator

a, cost, low, high, n = generator.f2(generator.data(resources, seed))
upper = np.ones(n + 8)
upper[n:] = np.inf
model = generator.tohighs(a, cost, low, high, upper, np.arange(n + 8) < n)
model.setOptionValue("threads", 1)
model.setOptionValue("mip_rel_gap", float(gap))
model.setOptionValue("time_limit", float(seconds))
start = time.process_time()
model.run()
info = model.getInfo()
found = info.primal_solution_status == 2
print(json.dumps({
    "solver": "highs", "resources": resources, "cost": info.objective_function_value if found else None,
    "bound": info.mip_dual_bound, "gap": info.mip_gap if found else None,
    "cpu": round(time.process_time() - start, 2)}))
