"""An unmodified openleadr VTN for tests: one line on standard output for each thing that it saw.

Environment: STATE (state directory of `curtail serve`, for the VTN's certificate), KEY (rsa or ec), BUNDLE (folder of
the VEN that it admits), SIGNED (anything, when messages are signed both ways), and SECONDS_AT_MOST. It says its port,
calls one event, modifies it when the VEN opted and reported, and cancels it when that was answered too. It calls another
one, and while that runs it forgets events and registration, as after a crash.
"""
import asyncio
import itertools
import logging
import os
import re
from datetime import datetime, timedelta, timezone

import yaml
from openleadr import OpenADRServer, hooks
from openleadr.utils import certificate_fingerprint

logging.basicConfig(level=logging.INFO)
SIGNED = os.environ.get("SIGNED")
SECONDS_AT_MOST = float(os.environ.get("SECONDS_AT_MOST", "30"))
CREDENTIALS = os.path.join(os.environ["STATE"], "credentials")
CERTIFICATE = os.path.join(CREDENTIALS, "vtn-" + os.environ.get("KEY", "rsa"))
with open(os.path.join(os.environ["BUNDLE"], "ven.yaml")) as file:
    VEN = yaml.safe_load(file)
# The bundle gives the VEN its id beforehand, so the VTN knows it before the registration as well.
VEN_ID = VEN["venID"]
with open(os.path.join(os.environ["BUNDLE"], "ven.crt")) as file:
    FINGERPRINT = certificate_fingerprint(file.read())
registered = asyncio.Event()
numbers = itertools.count(1)
registration = None
reported = asyncio.Event()
answered = asyncio.Event()
answered_again = asyncio.Event()


def say(*words):
    print(*words, flush=True)


async def received(content):
    if b"oadrCreatedEvent" in content:
        opts = re.findall(rb"modificationNumber>(\d+)<.*?optType>(\w+)<", content, re.DOTALL)
        for number, opt_type in opts:
            say("ANSWERED modification", int(number), opt_type.decode())
            if int(number) == 1:
                answered_again.set()


async def on_create_party_registration(info):
    say("REGISTER", info["ven_name"], "pull" if info["http_pull_model"] else "push", info["transport_name"])
    if info["ven_name"] != VEN_ID or info["fingerprint"] != FINGERPRINT:
        return False
    global registration
    registration = f"registration_{next(numbers)}"
    registered.set()
    return VEN_ID, registration


async def on_register_report(ven_id, resource_id, measurement, unit, scale, min_sampling_interval,
                             max_sampling_interval):
    say("OFFER", ven_id, resource_id, measurement, unit, scale, min_sampling_interval, max_sampling_interval)

    def receive(data):
        say("DATA", measurement, data[0][1])
        reported.set()

    return receive, max(min_sampling_interval, timedelta(seconds=2))


def opt(ven_id, event_id, opt_type):
    say("OPT", ven_id, event_id, opt_type)
    answered.set()


def ven_lookup(ven_id):
    if ven_id != VEN_ID:
        return None
    return {"ven_id": VEN_ID, "ven_name": VEN_ID, "fingerprint": FINGERPRINT,
            "registration_id": registration if registered.is_set() else None}


def call(server, event_id):
    answered.clear()
    begin = datetime.now(timezone.utc) + timedelta(seconds=3)
    server.add_event(
        ven_id=VEN_ID, event_id=event_id, signal_name="SIMPLE", signal_type="level",
        intervals=[{"dtstart": begin, "duration": timedelta(minutes=5), "signal_payload": 1},
                   {"dtstart": begin + timedelta(minutes=5), "duration": timedelta(minutes=5), "signal_payload": 2}],
        target={"ven_id": VEN_ID}, market_context="http://example.com/programme", callback=opt)
    say("CALLED", event_id)


def modify(server):
    """There is no call for it: the way in which openleadr itself marks an event as cancelled."""
    event = server.events[VEN_ID][0]
    event.event_signals[0].intervals[0]["signal_payload"] = 3
    event.event_descriptor.modification_number += 1
    server.events_updated[VEN_ID] = True
    say("MODIFIED", event.event_descriptor.event_id)


async def drive(server):
    await registered.wait()
    await asyncio.sleep(1)
    call(server, "foreign_1")
    await answered.wait()
    await reported.wait()
    modify(server)
    await answered_again.wait()
    server.cancel_event(VEN_ID, "foreign_1")
    say("CANCELLED", "foreign_1")
    await asyncio.sleep(4)
    call(server, "foreign_2")
    await answered.wait()
    await asyncio.sleep(5)
    registered.clear()
    server.events.pop(VEN_ID)
    say("FORGOTTEN")
    await registered.wait()
    await asyncio.sleep(3)


async def main():
    hooks.register("before_parse", received)
    server = OpenADRServer(
        vtn_id=VEN["vtn"]["id"], http_host="127.0.0.1", http_port=0,
        http_cert=CERTIFICATE + ".crt", http_key=CERTIFICATE + ".key",
        http_ca_file=os.path.join(CREDENTIALS, "ca.crt"), verify_message_signatures=bool(SIGNED),
        cert=CERTIFICATE + ".crt" if SIGNED else None, key=CERTIFICATE + ".key" if SIGNED else None,
        requested_poll_freq=timedelta(seconds=2), ven_lookup=ven_lookup)
    server.add_handler("on_create_party_registration", on_create_party_registration)
    server.add_handler("on_register_report", on_register_report)
    await server.run()
    say("PORT", server.app_runner.addresses[0][1])
    try:
        await asyncio.wait_for(drive(server), SECONDS_AT_MOST)
        say("DONE")
    except asyncio.TimeoutError:
        say("TIMEOUT")
    await server.stop()


asyncio.run(main())
