"""brood_client - the other end of brood_fork(), for a program in Python.
Messages are bytes. The protocol is that of proto/link.h; needs pyzmq."""
import collections, errno, os, struct, time, zmq

HELLO, DATA, ACK, BYE = range(128, 132)
MESSAGE, REQUEST, REPLY, CANCEL = range(4)
MESSAGE_COST, OURS = 32, (4 << 20, 64 << 20)  # window, largest message

class Parent:
    def __init__(self):
        self.inbox, self.is_over = collections.deque(), False
        self.received = self.acked = self.unacked_cost = 0
        self.flight, self.flight_cost, self.sent = collections.deque(), 0, 0
        self.window = self.message_max = 0  # the parent's, from its HELLO
        self.lifeline = int(os.environ.pop("BROOD_LIFELINE"))
        os.set_inheritable(self.lifeline, False)
        self.socket = zmq.Context().socket(zmq.PAIR)
        self.socket.sndhwm = 0  # the window bounds what is on its way
        self.socket.connect(os.environ.pop("BROOD_CHANNEL"))
        self._put(HELLO, struct.pack("<IIQQ", 1, os.getpid(), *OURS))
    def recv(self):
        """Wait for the next message; None: the parent has disconnected."""
        while True:
            while not self.inbox and not self.is_over: self._take()
            if not self.inbox:
                return None
            kind, number, data = self.inbox.popleft()
            self.received += 1
            self.unacked_cost += len(data) + MESSAGE_COST
            if self.unacked_cost >= OURS[0] // 2:
                self._acknowledge()
            if kind == MESSAGE:
                return data
            if kind == REQUEST:
                try:
                    status, answer = 0, self.work(data)
                except OSError as error:
                    status, answer = -error.errno, b""
                self.send(answer, struct.pack("<BQi", REPLY, number, status))
    def work(self, data):
        """Replace it: called by recv(), returns the answer to a request."""
        raise OSError(errno.ENOSYS, "nobody answers here")
    def send(self, data, head=bytes([MESSAGE])):
        """Send a message; waits while the parent has enough to take."""
        cost = len(data) + MESSAGE_COST
        while not self.window or (self.flight and
                                  self.flight_cost + cost > self.window):
            self._take()
        if len(data) > self.message_max:
            raise ValueError("the message is too large")
        self.sent, self.flight_cost = self.sent + 1, self.flight_cost + cost
        self.flight.append((self.sent, cost))
        self._put(DATA, struct.pack("<Q", self.sent), head + data)
    def close(self, flush_s=5):
        """Disconnect, once the parent has taken what was sent."""
        end = time.monotonic() + flush_s
        while (self.flight or not self.window) and time.monotonic() < end:
            self._take(flush_s)
        self._acknowledge()
        self._put(BYE, struct.pack("<Q", self.sent))
        self.socket.context.destroy(linger=1000)
        os.close(self.lifeline)
    def _put(self, kind, *records):
        body = b"".join(struct.pack("<I", len(r)) + r for r in records)
        self.socket.send(struct.pack(
            "<4sHHII", b"BRUD", 1, kind, len(records), len(body)) + body)
    def _acknowledge(self):
        if self.received > self.acked:
            self._put(ACK, struct.pack("<Q", self.received))
            self.acked, self.unacked_cost = self.received, 0
    def _take(self, limit_s=None):
        """Wait for a frame, or the end of the parent."""
        if not self.socket.poll(0): self._acknowledge()
        ready, _, gone = zmq.select([self.socket], [], [self.lifeline], limit_s)
        if not ready and gone:
            raise ConnectionResetError("the parent is gone")
        if not ready:
            return
        frame, records, at = memoryview(self.socket.recv()), [], 16
        while at < len(frame):
            end = at + 4 + struct.unpack_from("<I", frame, at)[0]
            records.append(frame[at + 4:end])
            at = end
        if (kind := frame[6]) == HELLO:
            self.window, self.message_max = struct.unpack("<8xQQ", records[0])
        elif kind == DATA:
            for r in records[1:]:  # kind, with some an id and a status, bytes
                head = {MESSAGE: 1, REPLY: 13}.get(r[0], 9)
                number = struct.unpack_from("<Q", r, 1)[0] if r[0] else 0
                self.inbox.append((r[0], number, bytes(r[head:])))
        elif kind == ACK:
            number, = struct.unpack("<Q", records[0])
            while self.flight and self.flight[0][0] <= number:
                self.flight_cost -= self.flight.popleft()[1]
        else: self.is_over = True

if __name__ == "__main__":  # send back each message
    parent = Parent()
    while (message := parent.recv()) is not None: parent.send(message)
    parent.close()
