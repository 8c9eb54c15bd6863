"""Times statsmodels, statsforecast, pmdarima and, where it is installed, R on the series of the benchmark, one thread,
in CPU time.

Prints one row per task and peer, separated by tabs: task, peer, CPU ms, log-likelihood as the peer reports it, note,
coefficients, peak memory in MB. Ours reads the rows and adds the exact log-likelihood at those coefficients.

Every measurement has a process of its own with a limit of CPU seconds (PEER_SECONDS, 300 unless set): one that does
not finish says so and costs no more.
"""
import csv
import json
import math
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
FOLDER = sys.argv[1]
LIMIT = int(os.environ.get("PEER_SECONDS", "300"))


def rows(path):
    with open(os.path.join(FOLDER, path), newline="") as file:
        return list(csv.reader(file))[1:]


def straight(series):
    known = ~np.isnan(series)
    return np.interp(np.arange(len(series)), np.flatnonzero(known), series[known])


AIRLINE = np.log([float(row[1]) for row in rows("forecast/series/AirPassengers.csv")])
ZONES = {}
for row in rows("load/isone_hourly_2017q1.csv"):
    ZONES.setdefault(row[0], []).append(float(row[3]))
ZONES = [np.array(ZONES[name][:2160]) for name in sorted(ZONES, key=lambda name: (name != "ISONECA", name))]
BUILDING = straight(np.array([float(row[1] or "nan") for row in rows("load/lbnl_building_15min_2013.csv")]))
SERIES = {12: AIRLINE, 24: ZONES[0], 96: BUILDING[:2880]}
ORDERS = {12: ((0, 1, 1), (0, 1, 1)), 24: ((1, 0, 1), (0, 1, 1)), 96: ((1, 0, 0), (0, 1, 1))}


def hourly(index):
    start = index // len(ZONES) * 6
    return ZONES[index % len(ZONES)][start:start + 1440]


def quarter_hourly(index):
    return BUILDING[index * 26:index * 26 + 2880]


def state_space(series, season, chandrasekhar=True):
    from statsmodels.tsa.statespace.sarimax import SARIMAX
    order, seasonal = ORDERS[season]
    model = SARIMAX(series, order=order, seasonal_order=(*seasonal, season), simple_differencing=True)
    model.ssm.filter_chandrasekhar = chandrasekhar
    fit = model.fit(disp=0, maxiter=200)
    fit.forecast(season)
    names = {"ar.L1": "ar1", "ma.L1": "ma1", f"ar.S.L{season}": "sar1", f"ma.S.L{season}": "sma1"}
    values = zip(fit.model.param_names, fit.params)
    return float(fit.llf), {names[name]: float(value) for name, value in values if name in names}


def compiled(series, season, method):
    from statsforecast.models import ARIMA
    order, seasonal = ORDERS[season]
    model = ARIMA(
        order=order, season_length=season, seasonal_order=seasonal, include_mean=False, include_drift=False,
        include_constant=False, method=method).fit(np.asarray(series))
    model.predict(season)
    fit = model.model_
    return float(fit["loglik"]), {name: float(value) for name, value in fit["coef"].items()}


def automatic(series, season):
    from statsforecast.models import AutoARIMA
    fit = AutoARIMA(season_length=season).fit(np.asarray(series)).model_
    p, q, P, Q, _, d, D = fit["arma"]
    return float(fit["loglik"]), f"({p},{d},{q})({P},{D},{Q}), its AICc {fit['aicc']:.2f}"


def stepwise(series, season):
    import pmdarima
    fit = pmdarima.auto_arima(series, m=season, suppress_warnings=True)
    p, d, q = fit.order
    P, D, Q, _ = fit.seasonal_order
    return float(fit.arima_res_.llf), f"({p},{d},{q})({P},{D},{Q}), its AICc {fit.aicc():.2f}"


def show(task, peer, seconds, likelihood=None, note="", coefficients=None, memory=None):
    value = "" if likelihood is None or math.isnan(likelihood) else repr(likelihood)
    named = " ".join(f"{name}={number!r}" for name, number in (coefficients or {}).items())
    time = "" if seconds is None else f"{seconds * 1000:.4f}"
    print(task, peer, time, value, note, named, "" if memory is None else f"{memory:.0f}", sep="\t", flush=True)


def apart(work):
    """Runs work in a process of its own; its result and peak memory in MB, or nothing and why."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT + 5))
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        status = 0
        try:
            answer = {"result": work()}
        except Exception as error:
            answer = {"failure": f"{type(error).__name__}: {error}".split("\n")[0][:80]}
        answer["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with os.fdopen(writer, "w") as file:
            json.dump(answer, file)
        os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as file:
        text = file.read()
    os.waitpid(child, 0)
    if not text:
        return None, None, f"not finished in {LIMIT} CPU s"
    answer = json.loads(text)
    return answer.get("result"), answer["memory"], answer.get("failure", "")


def measure(work, rounds, warm):
    """Median CPU seconds of the rounds, after `warm`, which is not counted, and what the last gave."""
    def timed():
        warm()
        times = []
        for _ in range(rounds):
            start = time.process_time()
            result = work()
            times.append(time.process_time() - start)
        return statistics.median(times), result
    return apart(timed)


def r_program(kind, series, season, rounds, method=""):
    """Runs peers.R on a series within the limit; what it printed, and why not."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(repr(float(value)) for value in series))
        file.flush()
        here = os.path.dirname(os.path.abspath(__file__))
        order, seasonal = ORDERS[season]
        extra = [str(number) for number in (*order, *seasonal)] + [method] if kind == "fit" else []
        run = subprocess.run(
            ["Rscript", "--vanilla", os.path.join(here, "peers.R"), kind, file.name, str(season), str(rounds), *extra],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT + 5)))
    fields = run.stdout.rstrip("\n").split("\t")
    if run.returncode < 0:
        return None, f"not finished in {LIMIT} CPU s"
    if run.returncode != 0 or len(fields) != 5:
        return None, "failed"
    seconds, likelihood, memory, note, named = fields
    coefficients = {pair.split("=")[0]: float(pair.split("=")[1]) for pair in named.split(" ") if "=" in pair}
    return (float(seconds), float(likelihood), float(memory), note, coefficients), ""


HAS_R = shutil.which("Rscript") is not None
HAS_R_FORECAST = HAS_R and subprocess.run(
    ["Rscript", "--vanilla", "-e", "library(forecast)"], capture_output=True).returncode == 0
# Its "ML" starts from zeros and takes longer.
R_FITS = ["CSS-ML", "ML"] if HAS_R else []


FITS = [
    ("statsmodels, differenced, Chandrasekhar", "", state_space),
    ("statsmodels, differenced", "", lambda series, season: state_space(series, season, chandrasekhar=False)),
    ("statsforecast CSS-ML", "", lambda series, season: compiled(series, season, "CSS-ML")),
    ("statsforecast CSS", "conditional only", lambda series, season: compiled(series, season, "CSS")),
]


def fits():
    for season, series in SERIES.items():
        for peer, note, work in FITS:
            # A second for each likelihood.
            if season == 96 and peer == "statsmodels, differenced":
                continue
            # What takes long is timed once. The short series warms compilers and caches.
            rounds = 5 if season == 12 else 3 if season == 24 else 1
            answer, memory, failure = measure(lambda: work(series, season), rounds, lambda: work(AIRLINE, 12))
            if answer is None:
                show(f"fit s={season}", peer, None, note=failure)
                continue
            seconds, (likelihood, named) = answer
            show(f"fit s={season}", peer, seconds, likelihood, note, named, memory)
        for method in R_FITS[:1] if season == 96 else R_FITS:
            answer, failure = r_program("fit", series, season, 5 if season == 12 else 1, method)
            if answer is None:
                show(f"fit s={season}", f"R arima {method}", None, note=failure)
                continue
            seconds, likelihood, memory, _, named = answer
            show(f"fit s={season}", f"R arima {method}", seconds, likelihood, "", named, memory)


SEARCHES = [
    ("statsforecast AutoARIMA", automatic, (12, 24, 96)),
    # At longer seasons it takes minutes to hours (its issue 431).
    ("pmdarima auto_arima", stepwise, (12, 24)),
]


def searches():
    for peer, work, seasons in SEARCHES:
        for season in seasons:
            series = SERIES[season]
            warm = (lambda: automatic(AIRLINE, 12)) if work is automatic else (lambda: None)
            answer, memory, failure = measure(lambda: work(series, season), 1, warm)
            if answer is None:
                show(f"order search s={season}", peer, None, note=failure)
                continue
            seconds, (likelihood, note) = answer
            show(f"order search s={season}", peer, seconds, likelihood, note, memory=memory)
    for season in (12, 24, 96) if HAS_R_FORECAST else ():
        answer, failure = r_program("search", SERIES[season], season, 1)
        if answer is None:
            show(f"order search s={season}", "R auto.arima", None, note=failure)
            continue
        seconds, likelihood, memory, note, _ = answer
        show(f"order search s={season}", "R auto.arima", seconds, likelihood, note, memory=memory)


def batches():
    """Peers do a few meters of each batch; the time is scaled to all."""
    plan = [
        ("1,000 meters x 60 d hourly", 24, hourly, 1000, (6, 6, 6, 20)),
        ("100 meters x 30 d 15 min", 96, quarter_hourly, 100, (1, 0, 1, 5)),
    ]
    for task, season, meter, total, samples in plan:
        for (peer, _, work), count in zip(FITS, samples):
            if count == 0:
                continue

            def run():
                for sample in range(count):
                    work(meter(sample * total // count), season)
            answer, memory, failure = measure(run, 1, lambda: work(AIRLINE, 12))
            if answer is None:
                show(task, peer, None, note=failure)
                continue
            show(task, peer, answer[0] / count * total, None, f"scaled from {count} of {total}", memory=memory)
        count = samples[0]
        for method in R_FITS[:1]:
            parts = [r_program("fit", meter(sample * total // count), season, 1, method) for sample in range(count)]
            found = [answer for answer, _ in parts if answer is not None]
            if len(found) < count:
                show(task, f"R arima {method}", None, note=next(failure for answer, failure in parts if answer is None))
                continue
            seconds = sum(answer[0] for answer in found)
            memory = max(answer[2] for answer in found)
            show(task, f"R arima {method}", seconds / count * total, None, f"scaled from {count} of {total}",
                 memory=memory)


fits()
searches()
batches()
