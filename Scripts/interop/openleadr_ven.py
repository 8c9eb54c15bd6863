"""An unmodified openleadr VEN for tests: one line on standard output for each thing that it saw.

Environment: VTN (URL of the VTN), BUNDLE (folder of `curtail cert issue`), SECONDS_AT_MOST, KNOWS_ITS_ID (anything,
when the VEN shall name its venID at once), and SIGNED (fingerprint of the VTN, when messages are signed both ways). It
takes part in an event, but no more once that was modified. When the VTN has asked it to register again, after it cancelled
the event, it cancels its registration and ends.
"""
import asyncio
import logging
import os
from datetime import timedelta

import yaml
from openleadr import OpenADRClient

logging.basicConfig(level=logging.INFO)
BUNDLE = os.environ["BUNDLE"]
SIGNED = os.environ.get("SIGNED")
SECONDS_AT_MOST = float(os.environ.get("SECONDS_AT_MOST", "30"))
cancelled = asyncio.Event()
registered_again = asyncio.Event()
registrations = 0


def say(*words):
    print(*words, flush=True)


async def power():
    return 4321.5


def described(event):
    about = event["event_descriptor"]
    signal = event["event_signals"][0]
    return (about["event_id"], about["event_status"], about["modification_number"], signal["signal_name"],
            signal["intervals"][0]["signal_payload"])


async def on_event(event):
    say("EVENT", *described(event))
    return "optIn"


async def on_update_event(event):
    say("UPDATE", *described(event))
    if event["event_descriptor"]["event_status"] == "cancelled":
        cancelled.set()
        return "optIn"
    return "optOut"


def sent(message):
    for name in ("oadrUpdateReport", "oadrCreatedEvent", "oadrCreatedReport"):
        if "<oadr:" + name in message:
            say("SENT", name)


def received(kind, payload):
    global registrations
    code = (payload.get("response") or {}).get("response_code", "-")
    say("GOT", kind, code)
    if kind == "oadrCreatedPartyRegistration" and payload.get("registration_id"):
        registrations += 1
        if registrations > 1:
            registered_again.set()


async def main():
    with open(os.path.join(BUNDLE, "ven.yaml")) as file:
        ven = yaml.safe_load(file)
    client = OpenADRClient(
        ven_name=ven["venID"], ven_id=ven["venID"] if os.environ.get("KNOWS_ITS_ID") else None,
        vtn_url=os.environ["VTN"] + "/OpenADR2/Simple/2.0b",
        cert=os.path.join(BUNDLE, "ven.crt"), key=os.path.join(BUNDLE, "ven.key"),
        ca_file=os.path.join(BUNDLE, "ca.crt"), disable_signature=not SIGNED,
        vtn_fingerprint=SIGNED, show_fingerprint=False, allow_jitter=False)
    client.add_hook("before_send_xml", sent)
    client.add_hook("after_parse_xml", received)
    client.add_report(callback=power, resource_id="meter1", measurement="REAL_POWER",
                      sampling_rate=timedelta(seconds=2), report_duration=timedelta(hours=1))
    client.add_report(callback=power, resource_id="meter1", measurement="voltage",
                      sampling_rate=timedelta(seconds=2), report_duration=timedelta(hours=1))
    client.add_handler("on_event", on_event)
    client.add_handler("on_update_event", on_update_event)
    await client.run()
    if not client.registration_id:
        raise SystemExit("the VTN gave no registration")
    say("REGISTERED", client.ven_id, client.registration_id, client.poll_frequency)
    try:
        await asyncio.wait_for(cancelled.wait(), SECONDS_AT_MOST)
        await asyncio.wait_for(registered_again.wait(), SECONDS_AT_MOST)
    except asyncio.TimeoutError:
        say("TIMEOUT")
    say("REGISTERED AGAIN", client.ven_id, client.registration_id)
    await asyncio.sleep(3)
    await client.cancel_party_registration()
    say("DEREGISTERED" if client.registration_id is None else "STILL REGISTERED")


asyncio.run(main())
