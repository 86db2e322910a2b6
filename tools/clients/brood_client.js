'use strict';
// brood_client - the other end of brood_fork(), for a program in Node.
// Messages are Buffers. The protocol is that of proto/link.h; needs the
// package zeromq, version 6. The end of the parent ends this process.
const net = require('net'), zmq = require('zeromq');
const HELLO = 128, DATA = 129, ACK = 130, BYE = 131;
const MESSAGE = 0, REQUEST = 1, REPLY = 2, MESSAGE_COST = 32;
const OURS = [4 << 20, 64 << 20]; // window, largest message
const u32 = n => Buffer.from(Uint32Array.of(n).buffer);
const u64 = n => Buffer.from(BigUint64Array.of(BigInt(n)).buffer);

class Parent {
  inbox = []; received = 0; acked = 0; unackedCost = 0; isOver = false;
  flight = []; flightCost = 0; sent = 0; sending = Promise.resolve();
  window = 0; messageMax = 0; // the parent's, from its HELLO
  constructor() {
    // Node has made what it inherited close-on-exec.
    this.lifeline = new net.Socket({ fd: Number(process.env.BROOD_LIFELINE) });
    this.lifeline.on('end', () => process.exit(1)).resume();
    this.socket = new zmq.Pair({ sendHighWaterMark: 0, linger: 1000 });
    this.socket.connect(process.env.BROOD_CHANNEL);
    delete process.env.BROOD_CHANNEL;
    delete process.env.BROOD_LIFELINE;
    this.put(HELLO, u32(1), u32(process.pid), ...OURS.map(u64));
  }
  // Wait for the next message; null: the parent has disconnected.
  async recv() {
    while (!this.inbox.length && !this.isOver) await this.wait();
    if (!this.inbox.length) return null;
    const { kind, id, data } = this.inbox.shift();
    this.received++;
    this.unackedCost += data.length + MESSAGE_COST;
    if (this.unackedCost >= OURS[0] / 2) this.acknowledge();
    if (kind === MESSAGE) return data;
    if (kind === REQUEST) // -ENOSYS: nobody answers here
      await this.send(Buffer.of(), REPLY, u64(id), u32(2 ** 32 - 38));
    return this.recv();
  }
  // Send a message; waits while the parent has enough to take.
  async send(data, kind = MESSAGE, ...head) {
    const cost = data.length + MESSAGE_COST;
    while (!this.window || this.flightCost + cost > Math.max(this.window, cost))
      await this.wait();
    if (data.length > this.messageMax) throw new RangeError('too large');
    this.flight.push({ number: ++this.sent, cost });
    this.flightCost += cost;
    this.put(DATA, u64(this.sent), Buffer.of(kind), ...head, data);
  }
  // Disconnect, once the parent has taken what was sent.
  async close(flushMs = 5000) {
    const timer = setTimeout(() => process.exit(1), flushMs);
    while (this.flight.length || !this.window) await this.wait();
    this.acknowledge();
    await this.put(BYE, u64(this.sent));
    clearTimeout(timer);
    this.lifeline.destroy();
    this.socket.close();
  }
  put(kind, ...parts) {
    const records = kind === DATA ? [parts.splice(0, 1), parts] : [parts];
    const body = Buffer.concat(records.map(r => Buffer.concat(r)).flatMap(
      r => [u32(r.length), r]));
    const frame = Buffer.concat([Buffer.from('BRUD'), u32(kind << 16 | 1),
      u32(records.length), u32(body.length), body]);
    return this.sending = this.sending.then(() => this.socket.send(frame));
  }
  acknowledge() {
    if (this.received > this.acked) this.put(ACK, u64(this.received));
    [this.acked, this.unackedCost] = [this.received, 0];
  }
  // Take in one frame; all who wait, wait for the same.
  wait() {
    this.acknowledge();
    return this.next ??= this.socket.receive().then(f => this.take(f[0]));
  }
  take(frame) {
    this.next = null;
    const records = [];
    for (let at = 16; at < frame.length; at += 4 + records.at(-1).length)
      records.push(frame.subarray(at + 4, at + 4 + frame.readUInt32LE(at)));
    const kind = frame.readUInt16LE(6), [first] = records;
    if (kind === HELLO) {
      this.window = Number(first.readBigUInt64LE(8));
      this.messageMax = Number(first.readBigUInt64LE(16));
    } else if (kind === DATA) {
      for (const r of records.slice(1)) // kind, id, status, bytes
        this.inbox.push({ kind: r[0], id: r[0] && r.readBigUInt64LE(1),
          data: r.subarray(r[0] === MESSAGE ? 1 : r[0] === REPLY ? 13 : 9) });
    } else if (kind === ACK) {
      for (const n = first.readBigUInt64LE(); this.flight[0]?.number <= n;)
        this.flightCost -= this.flight.shift().cost;
    } else this.isOver = true; // BYE
  }
}
module.exports = { Parent };
if (require.main === module) (async () => { // send back each message
  const parent = new Parent();
  for (let m; (m = await parent.recv()) !== null;) await parent.send(m);
  await parent.close();
})();
