"""The peer of `media`: aiortc's own MediaRelay behind the same offers, as its examples use it.

Run as a process: `python -m ops.bench.media_relay ADDRESS`; it prints its port and goes on until it is ended.
"""

import asyncio
import json
import sys

import uvloop
from aiohttp import web
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay

from server.media import passthrough


async def main() -> None:
    """Serve until ended."""
    passthrough.offer_addresses((sys.argv[1],))
    relay, tracks, lines = MediaRelay(), list[MediaStreamTrack](), list[RTCPeerConnection]()

    async def offer(request: web.Request) -> web.Response:
        line = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        lines.append(line)
        if request.path.startswith("/whip"):
            line.on("track", tracks.append)
        else:
            line.addTrack(relay.subscribe(tracks[-1]))
        await line.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        await line.setLocalDescription(await line.createAnswer())
        return web.Response(text=line.localDescription.sdp, status=201)

    app = web.Application()
    app.add_routes([web.post("/{kind:whip|whep}/{session}/{source}", offer)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"port": runner.addresses[0][1]}), file=sys.stderr, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(main())
