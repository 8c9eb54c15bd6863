"""The VTN of openleadr as it ships, one process, over mutual TLS without signatures: the peer of the poll benchmark.

usage: vtn.py PORT CREDENTIALS FINGERPRINTS      FINGERPRINTS has a line `venID sha256` for each VEN
"""

import asyncio
import sys
from datetime import timedelta

from openleadr import OpenADRServer

port, credentials, list_of_vens = sys.argv[1:]
vens = {}
with open(list_of_vens) as lines:
    for line in lines:
        name, digest = line.split()
        last = digest[-20:].upper()
        fingerprint = ":".join(last[i : i + 2] for i in range(0, 20, 2))
        vens[name] = {"ven_id": name, "ven_name": name, "registration_id": "r-" + name, "fingerprint": fingerprint}


async def main():
    server = OpenADRServer(
        vtn_id="VTN_1",
        http_host="127.0.0.1",
        http_port=int(port),
        http_cert=f"{credentials}/vtn-ec.crt",
        http_key=f"{credentials}/vtn-ec.key",
        http_ca_file=f"{credentials}/ca.crt",
        verify_message_signatures=False,
        requested_poll_freq=timedelta(seconds=10),
        ven_lookup=lambda ven_id: vens.get(ven_id),
    )
    await server.run()
    await asyncio.Event().wait()


asyncio.run(main())
