// The limit: Node's WebSocket server (`ws`) and one fdatasync, nothing else. Told to go, it makes the act's bytes
// durable and sends one prepared message to every socket that joined. Of Engine.IO and Socket.IO it knows as much
// as the crowd needs to get in. One argument: JSON of {namespace, event, payload, sizeAt, tls, file}.
import { fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { createServer as plainServer } from "node:http";
import { createServer as tlsServer } from "node:https";
import { WebSocketServer } from "ws";

const told = JSON.parse(process.argv[2]);
const payload = JSON.parse(readFileSync(told.payload, "utf8"));
const file = openSync(told.file, "a", 0o600);
const read = (path) => readFileSync(path);
const http = told.tls
  ? tlsServer({
      ca: read(told.tls.ca), cert: read(told.tls.cert), key: read(told.tls.key),
      requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.3",
    })
  : plainServer();
const joined = new Set();
const head = `42${told.namespace},`;
const opened = JSON.stringify({ sid: "x", upgrades: [], pingInterval: 3_600_000, pingTimeout: 1_000 });

function go({ size, bytes }) {
  writeSync(file, bytes);
  fdatasyncSync(file);
  let at = payload;
  for (const name of told.sizeAt.slice(0, -1)) at = at[name];
  at[told.sizeAt.at(-1)] = size;
  const message = Buffer.from(head + JSON.stringify([told.event, payload]));
  for (const socket of joined) socket.send(message, { binary: false });
}

new WebSocketServer({ server: http, perMessageDeflate: false }).on("connection", (socket) => {
  socket.send(`0${opened}`);
  socket.on("close", () => joined.delete(socket));
  socket.on("message", (raw) => {
    const text = raw.toString();
    if (text.startsWith("40")) return socket.send(`40${told.namespace},{"sid":"x"}`);
    if (!text.startsWith(head)) return undefined;
    const from = text.indexOf("[");
    const [event, data] = JSON.parse(text.slice(from));
    if (event === "join") joined.add(socket);
    if (event === "go") go(data);
    return socket.send(`43${text.slice(2, from)}[{}]`);
  });
});
http.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, () => console.log(JSON.stringify({ ready: http.address().port })));
process.on("SIGTERM", () => process.exit(0));
