// The peer: Node's socket.io broadcasting to a room, nothing else. One argument: JSON of
// {namespace, event, payload (a file: the broadcast's data), sizeAt (path of the number that is counted up), tls}.
import { readFileSync } from "node:fs";
import { createServer as plainServer } from "node:http";
import { createServer as tlsServer } from "node:https";
import { Server } from "socket.io";

const told = JSON.parse(process.argv[2]);
const payload = JSON.parse(readFileSync(told.payload, "utf8"));
const read = (file) => readFileSync(file);
const http = told.tls
  ? tlsServer({
      ca: read(told.tls.ca), cert: read(told.tls.cert), key: read(told.tls.key),
      requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.3",
    })
  : plainServer();
// As often as the product asks its sockets whether they live.
const io = new Server(http, { transports: ["websocket"], serveClient: false, pingInterval: 10_000, pingTimeout: 10_000 });
const rooms = io.of(told.namespace);
rooms.on("connection", (socket) => {
  socket.on("join", (_, done) => {
    socket.join("session");
    done({});
  });
  socket.on("go", ({ size }, done) => {
    let at = payload;
    for (const name of told.sizeAt.slice(0, -1)) at = at[name];
    at[told.sizeAt.at(-1)] = size;
    rooms.to("session").emit(told.event, payload);
    done({});
  });
});
http.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, () => console.log(JSON.stringify({ ready: http.address().port })));
process.on("SIGTERM", () => process.exit(0));
