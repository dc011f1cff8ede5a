/** What a browser's connection is asked and offers, without knowing of workers: counts, wishes, candidates. */

const GATHER_MS = 1_000;

/** What has come on a line so far: octets, and the questions and answers by which its ends know of each other. */
export function come(stats: RTCStatsReport): number {
  let sum = 0;
  stats.forEach((one: Record<string, unknown>) => {
    if (one["type"] === "candidate-pair") {
      for (const name of ["bytesReceived", "requestsReceived", "responsesReceived"]) sum += Number(one[name] ?? 0);
    }
  });
  return sum;
}

/** An offer in which sound that was lost is asked for again as pictures are (RFC 4585, `nack`). */
export function soundAskedAgain(sdp: string): string {
  return sdp.replace(/^a=rtpmap:(\d+) opus\/48000\/2\r\n/gim, (line, type: string) => {
    const wish = `a=rtcp-fb:${type} nack\r\n`;
    return sdp.includes(wish) ? line : line + wish;
  });
}

/** All candidates are in the offer: the worker takes no trickle. */
export async function gathered(connection: RTCPeerConnection): Promise<void> {
  if (connection.iceGatheringState !== "complete") {
    await new Promise<void>((done) => {
      const timer = setTimeout(done, GATHER_MS);
      connection.onicegatheringstatechange = () => {
        if (connection.iceGatheringState === "complete") {
          clearTimeout(timer);
          done();
        }
      };
    });
  }
}
