"""People at the portal: logs them in, then has each look at the dashboard and at meters, with pauses as people make them."""

import http.client
import json
import random
import re
import sys
import threading
import time
import urllib.parse

action, url, cookies, users = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
host = urllib.parse.urlsplit(url).netloc
PASSWORD = "a benchmark's password"


class Person:
    def __init__(self, number, jar=None):
        self.number, self.jar = number, jar or {}
        # Each comes from an address of the own: one address may log in twenty times in a minute.
        self.connection = http.client.HTTPConnection(
            host, timeout=60, source_address=(f"127.0.{number // 250}.{number % 250 + 2}", 0))

    def send(self, method, path, body=None):
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.jar.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        took = (time.perf_counter() - begun) * 1000
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.jar[name] = value
        timing = re.search(r"dur=([0-9.]+)", answer.headers.get("Server-Timing", ""))
        return answer.status, text, float(timing.group(1)) if timing else None, took

    def login(self):
        _, page, _, _ = self.send("GET", "/login")
        token = re.search(r'name="token" value="([^"]+)"', page).group(1)
        status, _, _, _ = self.send("POST", "/login", urllib.parse.urlencode(
            {"token": token, "email": f"user{self.number}@bench.example", "password": PASSWORD}))
        assert status == 303, status


def login():
    people = [Person(number) for number in range(1, users + 1)]
    for person in people:
        person.login()
    _, page, _, _ = people[0].send("GET", "/api/v1/meters?limit=200")
    meters = [row["id"] for row in json.loads(page)["data"]]
    json.dump({"jars": [person.jar for person in people], "meters": meters}, open(cookies, "w"))


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report(name, samples):
    for page in ("dashboard", "meter"):
        times = [sample for sample in samples if sample[0] == page]
        if not times:
            continue
        server = [s for _, s, _ in times if s is not None] or [c for _, _, c in times]
        client = [c for _, _, c in times]
        print(f"{name:24} {page:10} {len(times):5} pages   server p50 {percentile(server, .5):7.1f} ms  "
              f"p99 {percentile(server, .99):7.1f} ms   client p50 {percentile(client, .5):7.1f} ms  "
              f"p99 {percentile(client, .99):7.1f} ms", flush=True)


def run(known, rounds=None, seconds=None, pause=0.0):
    samples, lock = [], threading.Lock()
    ends = time.monotonic() + seconds if seconds else None

    def one(number, jar):
        person, generator = Person(number, dict(jar)), random.Random(number)
        mine = []
        time.sleep(generator.uniform(0, pause))
        done = 0
        while (rounds and done < rounds) or (ends and time.monotonic() < ends):
            for page in ("dashboard", "meter"):
                path = "/dashboard" if page == "dashboard" else f"/meters/{generator.choice(known['meters'])}"
                status, text, server, client = person.send("GET", path)
                if status != 200:
                    raise SystemExit(f"{path} answered {status}: {text[:300]}")
                mine.append((page, server, client))
                time.sleep(generator.uniform(0.5, 1.5) * pause)
            done += 1
        with lock:
            samples.extend(mine)

    threads = [threading.Thread(target=one, args=(n + 1, jar)) for n, jar in enumerate(known["jars"][:users])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return samples


if action == "login":
    login()
else:
    known = json.load(open(cookies))
    seconds = float(sys.argv[5])
    print(f"{users} people, {len(known['meters'])} meters")
    report("cold, all at once", run(known, rounds=1))
    report("warm, 2 s between pages", run(known, seconds=seconds, pause=2.0))
    report("warm, without pauses", run(known, seconds=min(seconds, 20)))
